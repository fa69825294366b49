"""Sources written for one test, and what the importers made of them."""

import json

from checkpoint_app.screening.importers import Report, read_entries, read_numbers


def write(folder, content, name="source.txt"):
    path = folder / name
    if isinstance(content, list):
        content = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def entries(path, **options):
    report = Report()
    read = read_entries(path, on_refused=report.refuse, on_left_out=report.leave_out, **options)
    return list(report.counting(read)), report


def numbers(path, **options):
    report = Report()
    return list(report.counting(read_numbers(path, on_refused=report.refuse, **options))), report
