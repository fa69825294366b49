"""`checkpoint central agreements`, `import` and `publish`: what lets lists be used, and their way to the booths."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from checkpoint_app.central import (
    agreements,
    code_material,
    ending,
    importing,
    keeping,
    material,
    publishing,
    rule_material,
    withdrawing,
)
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.importing import Imported, Material, RefusedError
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.lists import VersionState
from checkpoint_app.central.rule_material import RulesRefusedError
from checkpoint_app.central.transactions import retried
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.keyfiles import partner_key
from checkpoint_app.commands.list_changes import Changes
from checkpoint_app.commands.list_import import moment
from checkpoint_app.commands.list_sources import Sources, add_source_arguments, sources_of
from checkpoint_app.screening import Calibration, entry_to_plain
from checkpoint_app.screening.importers import SourceError
from checkpoint_app.screening.numbers.ranges import listed_to_plain
from checkpoint_app.wire.codes import CODE_LISTS
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.plain import to_plain

_MAX_CALIBRATION_BYTES = 16 * 1024
_MAX_INPUT = 64 * 1024
_MOST_LINES = 10
_SILENTLY = "the centre screens by it"
_BY_PUBLISH = "`checkpoint central publish` brings it to the booths"
_SMALL = (ListKind.POLICY, ListKind.SIGNERS)  # their lists are named as their kind is
_KINDS = (ListKind.PERSONS, ListKind.DOCUMENTS, ListKind.RULES, ListKind.CODES, *_SMALL)


def add_arguments(action: str, parser: argparse.ArgumentParser) -> None:
    """Declare what ``action`` takes."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="the report as one JSON object for scripts")
    if action == "agreements":
        _add_agreements(parser)
    elif action == "import":
        _add_import(parser)
    else:
        text = "the centre was put back to a backup: go on above what booths have seen since"
        parser.add_argument("--restored", action="store_true", help=text)
        text = "use the list's keys no more; may be given several times. Booths take it whole"
        parser.add_argument("--new-keys", action="append", default=[], metavar="LIST", help=text)


def run(args: argparse.Namespace) -> int:
    """Run the action. Exit code 0, or 1 when records were refused; raises CommandError (3: refused), CentreError."""
    work = {"agreements": _agreements, "import": _import, "publish": _publish}[args.action]
    try:
        return work(args)
    except RefusedError as error:
        raise CommandError(str(error), exit_code=3) from error
    except SourceError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'the centre'}: {error.strerror}") from error


# -- agreements -------------------------------------------------------------------------------------------------------


def _add_agreements(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", metavar="STEP", help="none: list the agreements")
    add = steps.add_parser("add", help="conclude an agreement")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--partner", required=True, metavar="CODE", help="the state that it is with")
    add.add_argument("--begins", metavar="TIME", help="when it begins; now if not given (UTC)")
    add.add_argument("--ends", required=True, metavar="TIME", help="the first moment at which it is over")
    extend = steps.add_parser("extend", help="let an agreement end later")
    extend.add_argument("name", metavar="NAME")
    extend.add_argument("--ends", required=True, metavar="TIME")
    end = steps.add_parser("end", help="end an agreement now, at the booths too")
    end.add_argument("name", metavar="NAME")
    for each in (add, extend, end):
        add_home(each, below=True)


def _agreements(args: argparse.Namespace) -> int:
    with opened(args) as centre:
        if args.step is None:
            _tell_agreements(args, centre)
            return 0
        new = retried(centre, _step(args, centre))
        if args.step != "add":
            publishing.publish(centre)
    print(f"{new.name}: ends {new.ends_at:%Y-%m-%d %H:%M} UTC")
    return 0


def _step(args: argparse.Namespace, centre: Centre) -> Callable[[Any], Concluded]:
    """Return what adds, extends or ends the agreement within a transaction, and returns it as it stands then."""
    if args.step == "end":
        return lambda connection: agreements.end(centre, connection, args.name)
    ends_at = moment(args.ends, "--ends")
    if args.step == "extend":
        return lambda connection: agreements.extend(centre, connection, args.name, ends_at)
    begins_at = moment(args.begins, "--begins") if args.begins else centre.now().replace(microsecond=0)
    new = Concluded(args.name, args.partner, begins_at, ends_at)
    return lambda connection: agreements.add(centre, connection, new)


def _tell_agreements(args: argparse.Namespace, centre: Centre) -> None:
    with centre.begin() as connection:
        found, soon = agreements.every(connection), ending.near(centre, connection)
    now = centre.now()
    if args.json:
        rows = [to_plain(one) | {"in_force": one.term.in_force(now), "ends_soon": one in soon} for one in found]
        print(json.dumps({"agreements": rows}))
        return
    for one in found:
        state = "in force" if one.term.in_force(now) else "ended" if now >= one.ends_at else "not begun"
        print(f"{one.name:20}  {one.partner:4}  {one.begins_at:%Y-%m-%d} to {one.ends_at:%Y-%m-%d %H:%M} UTC  {state}")
    _warn_of(centre)


def _warn_of(centre: Centre) -> None:
    """Say which agreements are near their end, and what that means."""
    with centre.begin() as connection:
        for one in ending.near(centre, connection):
            names = ", ".join(ending.lists_of(connection, one.name)) or "no list"
            left = one.ends_at - centre.now()
            told = f"{left.days} days" if left.days > 1 else f"{left.days * 24 + left.seconds // 3600} hours"
            print(f"ends soon: {one.name}, in {told}, at {one.ends_at:%Y-%m-%d %H:%M} UTC ({names}); then it is not "
                  f"consulted, and a day later purged. `agreements extend` lets it go on")  # fmt: skip


# -- import -----------------------------------------------------------------------------------------------------------


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", default="", dest="name", metavar="NAME",
                        help="the list that is imported; of a rule set its own name, in lower case; of codes "
                        f"{' or '.join(CODE_LISTS)}")  # fmt: skip
    parser.add_argument("sources", type=Path, nargs="*", metavar="SOURCE",
                        help="a rule set, a table of codes, a partner's package, sources as for `checkpoint lists "
                        "import`")  # fmt: skip
    parser.add_argument("--signature", type=Path, metavar="FILE",
                        help="the partner's raw Ed25519 signature over the one source")  # fmt: skip
    parser.add_argument("--issued", metavar="TIME", help="moment as of which the sources are true; now if not given")
    parser.add_argument("--approve", type=int, metavar="VERSION",
                        help="approve a version that waits, as another administrator than who imported it")  # fmt: skip
    parser.add_argument("--withdraw", nargs="+", metavar="ENTRY",
                        help="take persons (by their ids) or document numbers (NUMBER:ISSUER) off the list, and tell "
                        "booths at once; - reads them from standard input, one a line")  # fmt: skip
    parser.add_argument("--withdraw-list", action="store_true", help="the list is no more, at the booths too")
    parser.add_argument("--calibration", type=Path, metavar="FILE", help="JSON of a calibration to use again")
    parser.add_argument("--false-hits", type=float, default=10.0, metavar="N",
                        help="threshold for at most N false hits in 10,000 clean travellers (10)")  # fmt: skip
    add_source_arguments(parser)
    new = parser.add_argument_group("what the list is, told with its first version")
    new.add_argument("--kind", type=ListKind, choices=_KINDS)
    new.add_argument("--originator", help="who vouches for the entries; the list's name if not given")
    new.add_argument("--agreement", metavar="NAME", help="agreement that lets a partner's list be used")
    new.add_argument("--partner-key", type=Path, metavar="FILE", help="Ed25519 public key (PEM) that signs its sources")
    new.add_argument("--silent", action="store_true", help="never leaves the centre, which alone screens by it")
    new.add_argument("--handling", action="append", default=[], metavar="CODE",
                     help="handling code of entries that have none of their own")  # fmt: skip


def _import(args: argparse.Namespace) -> int:
    if [bool(args.sources), args.approve is not None, bool(args.withdraw), args.withdraw_list].count(True) != 1:
        raise CommandError("import: give the sources of a version; or --approve, --withdraw or --withdraw-list alone")
    args.name = args.name or _name(args)
    if not 0 < args.false_hits < 10_000:
        raise CommandError("--false-hits: it lies between 0 and 10,000")
    with opened(args) as centre:
        if args.approve is not None:
            return _approve(args, centre)
        if args.withdraw or args.withdraw_list:
            return _withdraw(args, centre)
        one = _asked(args, centre)
        if one.kind is ListKind.RULES:
            return _import_rules(args, centre, one)
        if one.kind is ListKind.CODES:
            return _import_codes(args, centre, one)
        if one.kind is ListKind.POLICY:
            return _taken_in(args, centre, one, material.of_policy(one, _only_source(args), _issued_at(args, centre)))
        if one.kind is ListKind.SIGNERS:
            return _taken_in(args, centre, one, material.of_signers(one, _only_source(args), _issued_at(args, centre)))
        return _import_entries(args, centre, one)


def _name(args: argparse.Namespace) -> str:
    """Return the name of a list that is not said: a rule set tells it itself, a table of codes by its headings."""
    if args.kind not in (ListKind.RULES, ListKind.CODES) or len(args.sources) != 1:
        raise CommandError("import: say which list with --list NAME")
    if args.kind is ListKind.CODES:
        return code_material.name_in(code_material.read_file(args.sources[0]), args.sources[0])
    return rule_material.name_in(rule_material.read_file(args.sources[0]), args.sources[0])


def _import_entries(args: argparse.Namespace, centre: Centre, one: Declared) -> int:
    """Import persons or document numbers: a package, or sources."""
    if len(args.sources) == 1 and material.is_package(args.sources[0]):
        if args.issued or args.signature:
            raise CommandError("a package tells itself when it was issued and by whom: no --issued or --signature")
        return _taken_in(args, centre, one, _calibrated(args, material.of_package(one, args.sources[0])))
    args.kind = one.kind
    sources = sources_of(args, beside=one.partner_key is None and not args.signature)  # those are not signed
    try:
        code = _taken_in(args, centre, one, _calibrated(args, _of_sources(args, centre, one, sources)))
    finally:
        sources.tell()
    return code or (1 if sources.refusals else 0)


def _import_rules(args: argparse.Namespace, centre: Centre, one: Declared) -> int:
    """Import a rule set; one that is here already is nothing new."""
    data = rule_material.read_file(_only_source(args))
    if args.issued:
        raise CommandError("a rule set tells itself when it was issued: no --issued")
    try:
        made = rule_material.of_rules(one, data, args.signature)
    except RulesRefusedError as error:
        if args.json:
            print(json.dumps({"loaded": False, "errors": [to_plain(fault) for fault in error.faults]}))
        else:
            print("\n".join(" ".join(filter(None, (fault.rule, fault.code, fault.where))) for fault in error.faults))
        raise
    return _taken_in_once(args, centre, one, made, "set")


def _import_codes(args: argparse.Namespace, centre: Centre, one: Declared) -> int:
    """Import a table of codes; what it holds beside codes is named by its lines, and costs nothing but those."""
    path = _only_source(args)
    if args.signature:
        raise CommandError(f"list {one.name}: nobody's key was declared for it; no --signature")
    data = code_material.read_file(path)
    codes = code_material.read_codes(one.name, data, path)
    made = code_material.of_codes(data, codes, _issued_at(args, centre))
    code = _taken_in_once(args, centre, one, made, "table")
    if codes.refused:
        lines = ", ".join(map(str, codes.refused[:_MOST_LINES])) + (", …" if len(codes.refused) > _MOST_LINES else "")
        print(f"{path.name}: {len(codes.refused):,} left out for want of a code: line {lines}", file=sys.stderr)
    return code or (1 if codes.refused else 0)


def _taken_in_once(args: argparse.Namespace, centre: Centre, one: Declared, made: Material, what: str) -> int:
    """Import a file of which the same bytes are nothing new."""
    with centre.begin() as connection:
        keeping.check(connection, one)
        here = rule_material.is_here(connection, one.name, made.digest)
    if not here:
        return _taken_in(args, centre, one, made)
    if args.json:
        print(json.dumps({"list": one.name, "version": here, "state": "here"}))
    else:
        print(f"{one.name} {here}: nothing new, the {what} is here already")
    return 0


def _asked(args: argparse.Namespace, centre: Centre) -> Declared:
    """Return what the list is by its declaration and the options; where these say otherwise, the import is refused."""
    given: dict[str, Any] = {
        "kind": args.kind,
        "originator": args.originator,
        "agreement": args.agreement,
        "partner_key": partner_key(args.partner_key).public_bytes_raw() if args.partner_key else None,
        "silent": args.silent or None,
        "handling": tuple(args.handling) or None,
    }
    stated = {name: value for name, value in given.items() if value is not None}
    with centre.begin() as connection:
        known = keeping.declared(connection, args.name)
    if known is not None:
        return replace(known, **stated)
    return Declared(**{"name": args.name, "kind": _kind(args), "originator": args.name} | stated)


def _kind(args: argparse.Namespace) -> ListKind:
    """Return what the sources hold, where the command line does not say it."""
    if args.kind is not None or args.name in _SMALL:
        return ListKind(args.kind or args.name)
    if args.name in CODE_LISTS:
        return ListKind.CODES
    if material.is_package(args.sources[0]):
        try:
            with args.sources[0].open("rb") as stream:
                return read_untrusted_header(stream).kind
        except PackageError as error:
            raise RefusedError(error.code, f"{args.sources[0]}: {error}") from error
    return sources_of(args).kind


def _of_sources(args: argparse.Namespace, centre: Centre, one: Declared, sources: Sources) -> Material:
    """Return the material of plain sources; a partner's is one file with its signature."""
    if one.partner_key is not None or args.signature:
        _only_source(args)

    def records(_version: int) -> Iterable[Mapping[str, Any]]:
        if one.kind is ListKind.PERSONS:
            return map(entry_to_plain, sources.entries())
        return map(listed_to_plain, sources.numbers())

    return Material(
        records=records,
        issued_at=_issued_at(args, centre),
        digest=material.digest_of(*sources.paths),
        check=material.signature_check(one, args.sources[0], args.signature),
    )


def _calibrated(args: argparse.Namespace, made: Material) -> Material:
    if args.calibration is None:
        return replace(made, false_hits=args.false_hits)
    try:
        with args.calibration.open("rb") as file:
            return replace(made, calibration=Calibration.from_plain(json.loads(file.read(_MAX_CALIBRATION_BYTES))))
    except (ValueError, AttributeError) as error:  # AttributeError: JSON, but no object
        raise CommandError(f"{args.calibration}: no calibration; leave it out, and one is found") from error


def _only_source(args: argparse.Namespace) -> Path:
    if len(args.sources) != 1:
        raise CommandError(f"list {args.name}: give one source; a signature, or a policy, is of one file")
    path: Path = args.sources[0]
    return path


def _issued_at(args: argparse.Namespace, centre: Centre) -> datetime:
    return moment(args.issued, "--issued") if args.issued else centre.now().replace(microsecond=0)


def _taken_in(args: argparse.Namespace, centre: Centre, one: Declared, made: Material) -> int:
    """Import, and say in one line what came of it."""
    found = importing.import_version(centre, one, made)
    header, change = found.header, found.change
    if args.json:
        records = header.calibration.get(code_material.CODES, header.entries)
        told = {"list": header.name, "version": header.version, "state": found.state, "records": records}
        print(json.dumps(told | {"duplicates": found.twice, "change": to_plain(change)}))
        return 0
    counted = Changes(change.records_before, change.added, change.changed, change.removed, change.kinds)
    counts = f"since version {change.before}: {counted.counts}" if change.before else "the first version"
    what = f"{header.entries:,} records"
    if one.kind in (ListKind.RULES, ListKind.CODES):
        what = _file_text(header)
        counts = f"in the place of version {change.before}" if change.before else "the first version"
    print(f"{header.name} {header.version}: {what}, {counts}; {_next_step(found, one)}")
    if found.twice:
        print(f"given twice, and in the list once: {found.twice:,} document numbers")
    if counted.warning:
        print(counted.warning)
    return 0


def _file_text(header: PackageHeader) -> str:
    """Return what the one file of a version holds."""
    of = header.calibration
    if header.kind is ListKind.CODES:
        return f"{of[code_material.CODES]:,} codes"
    return f"{of[rule_material.RULES]:,} rules of {of[rule_material.SET]} {of[rule_material.SET_VERSION]}"


def _next_step(found: Imported, one: Declared) -> str:
    if found.state is VersionState.PENDING:
        return f"another administrator must approve it: import --list {one.name} --approve {found.header.version}"
    return _silently(one) if one.silent else _BY_PUBLISH


def _silently(one: Declared) -> str:
    return "the centre evaluates it" if one.kind is ListKind.RULES else _SILENTLY


def _approve(args: argparse.Namespace, centre: Centre) -> int:
    one = importing.approve(centre, args.name, args.approve)
    brought = publishing.publish_list(centre, one.name) if one.change.at_once else []
    if args.json:
        print(json.dumps({"list": one.name, "version": one.version, "state": VersionState.READY, "published": brought}))
    else:
        print(f"{one.name} {one.version}: approved; {_way(centre, one.name, brought)}")
    return 0


def _withdraw(args: argparse.Namespace, centre: Centre) -> int:
    """Withdraw, and let booths know at once where no second person has to look."""
    if args.withdraw_list:
        made = withdrawing.withdraw_list(centre, args.name)
    else:
        made = withdrawing.withdraw_entries(centre, args.name, _words(args.withdraw))
    header, change, state = made.imported.header, made.imported.change, made.imported.state
    brought = publishing.publish_list(centre, args.name) if state is VersionState.READY else []
    if args.json:
        told = {"list": header.name, "version": header.version, "state": state, "records": header.entries}
        print(json.dumps(told | {"change": to_plain(change), "overtaken": made.overtaken, "published": brought}))
        return 0
    counts = f"{change.removed:,} of {change.records_before:,} records withdrawn"
    if state is VersionState.PENDING:
        step = f"another administrator must approve it: import --list {args.name} --approve {header.version}"
    else:
        step = _way(centre, args.name, brought)
    print(f"{header.name} {header.version}: {counts}; {step}")
    if made.overtaken:
        print(f"version {made.overtaken}, which waited for approval, does no more: import it again")
    return 0


def _words(given: list[str]) -> list[str]:
    """Return what is to be withdrawn; ``-`` stands for the lines of standard input."""
    if given != ["-"]:
        return given
    lines = (line.strip() for line in sys.stdin.read(_MAX_INPUT).splitlines())
    return [line for line in lines if line]


def _way(centre: Centre, name: str, brought: list[str]) -> str:
    """Say how what was made comes to be used."""
    if brought:
        return "booths get it with their next round"
    with centre.begin() as connection:
        one = keeping.declared(connection, name)
    return _silently(one) if one is not None and one.silent else _BY_PUBLISH


# -- publish ----------------------------------------------------------------------------------------------------------


def _publish(args: argparse.Namespace) -> int:
    if args.restored and args.new_keys:
        raise CommandError("publish: --restored ends the use of all keys; give it without --new-keys")
    with opened(args) as centre:
        brought = publishing.publish(centre, restored=args.restored, new_keys=args.new_keys)
        waiting = keeping.waiting(centre)
        if args.json:
            with centre.begin() as connection:
                soon = [one.name for one in ending.near(centre, connection)]
            print(json.dumps({"published": brought, "waiting": waiting, "ends_soon": soon}))
            return 0
        print(f"published: {', '.join(brought) or 'nothing new'}")
        _warn_of(centre)
        _tell_keys(args, brought)
    if args.restored:
        print("restored: decide again what was decided since the backup (officers, booths, agreements); then import")
    if waiting:
        print(f"waiting for a second administrator: {', '.join(waiting)}")
    return 0


def _tell_keys(args: argparse.Namespace, brought: list[str]) -> None:
    """Say of lists of document numbers, which are not here in clear, what it takes till their keys are given up."""
    names = {one.rpartition(" ")[0] for one in brought}
    for name in args.new_keys:
        if name not in names:
            print(f"{name}: its next import is under new keys; the numbers are hashed anew from their source")
