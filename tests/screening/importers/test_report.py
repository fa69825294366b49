from checkpoint_app.screening.importers.report import MAX_KEPT, Report


def test_all_are_counted_though_not_all_are_kept():
    report = Report()
    assert list(report.counting("ab")) == ["a", "b"]
    for line in range(MAX_KEPT + 5):
        report.refuse(line, "the id is given twice: first in line 1" if line % 2 else "no name")
    assert (report.taken, report.refusals, report.read) == (2, MAX_KEPT + 5, MAX_KEPT + 7)
    assert report.duplicates == (MAX_KEPT + 5) // 2
    assert len(report.refused) == MAX_KEPT


def test_parts_left_out_are_counted_by_reason():
    report = Report()
    for _ in range(3):
        report.leave_out(1, "nationality")
    assert report.left_out == {"nationality": 3}
