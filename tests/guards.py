"""Guards of the invariants (DESIGN §6): each is taken out once, in a copy, to see that its test fails without it.

    python -m tests.guards

Prints the table of docs/invariants.md. Exit code 1 when a test passes without its guard.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import FAILED, PASSED, PYTEST, Copy

DOCUMENT = Path("docs/invariants.md")


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: the invariant it holds, what it does, its text in a file, what stands there without it, its test."""

    invariant: int
    what: str
    file: str
    text: str
    without: str
    test: str

    @property
    def row(self) -> str:
        """The row's beginning in the document."""
        return f"| {self.invariant} | {self.what} (`{self.file}`) | `{self.test}` |"


GUARDS = (
    Guard(
        1,
        "the read is written before its checks",
        "booth/encountering.py",
        "records.read(encounter, officer, state.post.lane, kind)",
        "pass",
        "booth/test_desk.py::test_open_encounter_is_on_the_desk_again_after_a_crash",
    ),
    Guard(
        1,
        "the desk is cleared only when the disposition is written",
        "booth/deciding.py",
        "        core.gate.shut()\n\n        def work(",
        "        core.gate.shut()\n"
        '        self._clear_desk(core.state.counts, Message("message.let_pass", {"time": ""}))\n\n        def work(',
        "booth/test_unwritten.py::test_a_disposition_is_shown_only_once_it_is_on_disk",
    ),
    Guard(
        1,
        "a commit is on the disk when it returns",
        "store/connection.py",
        "PRAGMA synchronous=FULL",
        "PRAGMA synchronous=OFF",
        "store/test_connection.py::test_settings_that_durability_and_privacy_rest_on",
    ),
    Guard(
        2,
        "an event that is stored is not stored again",
        "central/delivery.py",
        "if one.seq <= head.seq and known.get(one.seq) == one.hash:",
        "if False:",
        "central/test_delivery.py::test_events_are_stored_once_however_often_they_come",
    ),
    Guard(
        2,
        "a body is forgotten only when the centre has it",
        "store/delivery.py",
        "AND {key}.seq <= :sure",
        "",
        "store/test_retention.py::test_nothing_is_forgotten_that_is_not_acknowledged",
    ),
    Guard(
        2,
        "a body is forgotten only when its time is over",
        "store/delivery.py",
        "{key}.kept_from <= :limit AND",
        "",
        "store/test_retention.py::test_nothing_is_forgotten_before_its_time_by_both_clocks",
    ),
    Guard(
        2,
        "an acknowledgement binds the hash of the booth's own chain",
        "store/delivery.py",
        "if own != head:",
        "if False:",
        "store/test_delivery.py::test_another_chain_is_refused_and_changes_nothing",
    ),
    Guard(
        3,
        "an event names the one before",
        "wire/event.py",
        "if header.previous != head:",
        "if False:",
        "wire/test_event.py::test_fork_by_another_history_and_by_a_number_twice",
    ),
    Guard(
        3,
        "numbers are dense",
        "wire/event.py",
        "if header.seq > last_seq + 1:",
        "if False:",
        "wire/test_event.py::test_gap",
    ),
    Guard(
        3,
        "the journal is held against the witness beside the key",
        "store/head.py",
        "if hash_at(known.seq) == known.hash:",
        "if True:",
        "store/test_store.py::test_a_fork_of_the_same_length_is_noticed",
    ),
    Guard(
        3,
        "a fork is alarmed at the centre",
        "central/delivery.py",
        "retried(centre, lambda connection: _alarm_fork(centre, connection, booth, found))",
        "pass",
        "central/test_delivery.py::test_a_fork_is_refused_and_alarmed_once_and_both_sides_go_on",
    ),
    Guard(
        3,
        "a second content of an event's id is a fork",
        "central/delivery.py",
        "if taken is not None:",
        "if False:",
        "central/test_delivery.py::test_an_id_that_is_stored_comes_with_one_content_only",
    ),
    Guard(
        4,
        "one transaction puts a list in force",
        "store/lists.py",
        "        with self._db.transaction():\n            self.check_newer(name, version)",
        "        if True:\n            self.check_newer(name, version)",
        "store/test_lists.py::test_a_failed_event_leaves_the_list_in_force",
    ),
    Guard(
        4,
        "a segment is synced before it has its name",
        "store/segments.py",
        "os.fsync(self._file.fileno())",
        "pass",
        "store/test_segments.py::test_a_segment_has_no_name_before_it_is_complete_and_synced",
    ),
    Guard(
        4,
        "a delta is a step from the version and the content in force",
        "store/lists.py",
        "if here != step.base_version or self._header(header.name, here).payload_digest != step.base_digest:",
        "if False:",
        "store/test_leases.py::test_a_delta_is_laid_over_what_is_in_force_or_refused",
    ),
    Guard(
        5,
        "a list is newer than the one in force",
        "store/lists.py",
        "if here is not None and version <= here:",
        "if False:",
        "store/test_lists.py::test_an_older_or_equal_version_is_refused_everywhere",
    ),
    Guard(
        5,
        "a policy and a list of officers are newer than the one in force",
        "store/signed_objects.py",
        "if here is not None and new.version <= here:",
        "if False:",
        "booth/test_signed.py::test_policy_is_in_force_with_its_version_and_an_older_one_is_not_taken",
    ),
    Guard(
        5,
        "only what is newer than in force is brought",
        "sync/fetch.py",
        "if offer.listed.version > in_force:",
        "if offer.listed.version != in_force:",
        "sync/test_fetch.py::test_only_what_is_newer_than_the_version_in_force_is_brought",
    ),
    Guard(
        5,
        "an older source is no newer version",
        "central/importing.py",
        "if again and again[0] != newest.version:",
        "if False:",
        "central/test_importing.py::test_an_older_signed_source_does_not_come_back",
    ),
    Guard(
        6,
        "an answer names the engine",
        "wire/header.py",
        "engine=engine,",
        'engine="",',
        "booth/test_desk.py::test_a_stored_encounter_replays_to_the_same_advice",
    ),
    Guard(
        6,
        "an advice names its policy",
        "verdict/fold.py",
        "policy_version=policy.version,",
        "policy_version=0,",
        "booth/test_desk.py::test_a_stored_encounter_replays_to_the_same_advice",
    ),
    Guard(
        6,
        "the answers written down are those of the advice",
        "booth/records.py",
        '"answers": to_plain(encounter.answers),',
        '"answers": [],',
        "booth/test_desk.py::test_a_stored_encounter_replays_to_the_same_advice",
    ),
    Guard(
        7,
        "a required check that nobody answered is missing",
        "verdict/fold.py",
        "return bool(asked) and all(",
        "return all(",
        "verdict/test_fold.py::test_no_answer_at_all_is_incomplete",
    ),
    Guard(
        7,
        "a number in doubt is not looked up in vain",
        "screening/checks.py",
        'if not findings and _in_doubt(examined, "document_number"):',
        "if False:",
        "screening/test_checks.py::test_a_number_in_doubt_is_never_clear_and_a_hit_on_it_stays_a_hit",
    ),
    Guard(
        7,
        "a birth date in doubt is not compared in vain",
        "screening/checks.py",
        '_in_doubt(examined, "birth_date") or not _states_birth(examined.mrz)',
        "False",
        "screening/test_checks.py::test_a_birth_date_in_doubt_or_missing_is_never_clear_and_a_hit_stays_a_hit",
    ),
    Guard(
        7,
        "a zone that its reader does not vouch for is in doubt",
        "booth/encountering.py",
        "return mrz.valid and not (reading.valid and not reading.doubtful)",
        "return False",
        "booth/test_correcting.py::test_a_zone_in_doubt_never_lets_proceed_and_shows_what_to_compare",
    ),
    Guard(
        7,
        "trusted time never goes back",
        "store/trusted_time.py",
        "return max(wall, self._seen + timedelta(seconds=self._clock.monotonic() - self._seen_after))",
        "return wall",
        "store/test_journal.py::test_trusted_time_never_goes_behind_a_signed_moment",
    ),
    Guard(
        7,
        "a hit of the centre's stays while the checks are made anew",
        "booth/encountering.py",
        "answers = raised(own, tuple(held))",
        "answers = own",
        "booth/test_centre_holds.py::test_a_hit_of_the_centre_stays_while_the_checks_are_made_anew_and_nobody_answers",
    ),
    Guard(
        7,
        "a list that came into force is asked before letting pass",
        "booth/encountering.py",
        "not awaited and not unasked",
        "not awaited",
        "booth/test_centre_holds.py::test_a_list_that_comes_into_force_beside_the_others_is_asked_before_letting_pass",
    ),
    Guard(
        7,
        "the centre's answer names list, version and date",
        "booth/asking.py",
        " for answer in reply.answers if _is_of_list(answer))",
        " for answer in reply.answers)",
        "booth/test_centre_holds.py::test_what_the_centre_was_not_asked_is_not_taken_from_it",
    ),
    Guard(
        7,
        "a list is not consulted once its lease has ended",
        "screening/checks.py",
        "            return NotDone.LEASE_ENDED",
        "            return None",
        "booth/test_deltas.py::test_an_ended_lease_closes_the_list_and_a_new_one_opens_the_same_copy",
    ),
    Guard(
        8,
        "a segment is sealed",
        "wire/sealing.py",
        "self._writer.write(self._sealer.seal(self._index, bytes(self._pending[:size]), last))",
        "self._writer.write(bytes(self._pending[:size]))",
        "store/test_segments.py::test_nothing_of_the_contents_is_in_clear",
    ),
    Guard(
        8,
        "the database is encrypted",
        "store/connection.py",
        'connection.execute(f"PRAGMA key=\\"x\'{key.hex()}\'\\"")',
        "pass",
        "store/test_store.py::test_nothing_personal_is_in_clear",
    ),
    Guard(
        8,
        "a process of the product leaves no core",
        "confined/hardening.py",
        "prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)",
        "pass",
        "confined/test_confined.py::test_limits_session_environment_and_descriptors",
    ),
    Guard(
        8,
        "a log names a failure's class, never its text",
        "screening/checks.py",
        "type(error).__name__)  # noqa: TRY400",
        "error)  # noqa: TRY400",
        "screening/test_checks.py::test_a_check_that_breaks_costs_its_own_answer_only",
    ),
    Guard(
        9,
        "the agreement comes before the list",
        "verdict/policy.py",
        "if agreement is not None and not agreement.in_force(now):",
        "if False:",
        "booth/test_lists.py::test_ended_agreement_is_not_consulted",
    ),
    Guard(
        9,
        "an ended agreement gives no key",
        "central/grants.py",
        " and not one.ended(now)",
        "",
        "central/test_grants.py::test_they_hold_for_the_days_offline_and_no_longer_than_the_agreement",
    ),
    Guard(
        9,
        "the centre bars a list by its agreement's term of now",
        "central/answering.py",
        "loaded=replace(before.loaded, agreement=one.agreement)",
        "loaded=before.loaded",
        "central/test_answering.py::test_a_list_too_old_or_beyond_its_agreement_is_not_consulted",
    ),
    Guard(
        9,
        "a list that the centre ended is barred at the booth",
        "booth/listkeeping.py",
        "if one.source.name in self._ended else one",
        "if False else one",
        "booth/test_lists.py::test_a_list_whose_agreement_the_centre_ended_is_not_consulted_until_a_newer_version_comes",
    ),
    Guard(
        9,
        "the data of a list whose agreement has ended is removed",
        "booth/records.py",
        "purged = tuple(name for name in over if store.lists.purge(name))",
        "purged: tuple[str, ...] = ()",
        "booth/test_lists.py::test_the_data_of_an_ended_agreement_is_purged_with_a_record",
    ),
    Guard(
        10,
        "the centre scores by the calibration that was signed with the list",
        "central/building.py",
        "if persons and header.calibration else None",
        "if False else None",
        "central/test_parity.py::test_booth_and_centre_answer_alike",
    ),
    Guard(
        11,
        "a newer version than the booth's",
        "verdict/raising.py",
        "if newer_there and one.list_name",
        "if one.list_name",
        "verdict/test_raising.py::test_a_hit_stays_without_the_very_version_in_which_the_entry_is_gone",
    ),
    Guard(
        11,
        "an entry that is not named stays",
        "verdict/raising.py",
        "held = tuple(one for one in found if one.entry_id not in left)",
        "held = ()",
        "verdict/test_raising.py::test_a_hit_stays_with_the_entries_that_are_not_named",
    ),
    Guard(
        11,
        "the centre names an entry only by a newer version without it",
        "central/held.py",
        "held.loaded.source.version <= hit.version",
        "False",
        "central/test_answering.py::test_a_hit_is_gone_only_from_a_newer_version_without_it",
    ),
    Guard(
        12,
        "who screened people that are on their way is on record",
        "central/screenings.py",
        "    acts.act(centre, connection, SCREENED, about, by=access.booth)\n",
        "",
        "central/test_screenings.py::test_each_access_is_on_record_once_with_nobody_named",
    ),
    Guard(
        12,
        "who looks at the last Encounter is written down",
        "booth/records.py",
        'self.write(EventKind.ENCOUNTER_VIEWED, {"encounter_id": last.encounter_id, "officer": officer})',
        "pass",
        "booth/test_desk.py::test_looking_at_the_last_one_is_written_down",
    ),
    Guard(
        12,
        "a direction is taken only when it is written",
        "booth/desk.py",
        "            lambda _none: core.update(direction_in=direction_in),\n        )",
        "            lambda _none: None,\n        )\n        core.update(direction_in=direction_in)",
        "booth/test_unwritten.py::test_no_act_and_no_access_goes_unwritten",
    ),
    Guard(
        12,
        "what was confirmed by eye is written down",
        "booth/records.py",
        '"confirmed": sorted(encounter.confirmed),',
        '"confirmed": [],',
        "booth/test_correcting.py::test_f3_and_enter_confirm_what_was_read",
    ),
    Guard(
        12,
        "the protection path goes on unwritten",
        "booth/deciding.py",
        "if disposition is Disposition.PROTECT:",
        "if False:",
        "booth/test_unwritten.py::test_the_protection_path_goes_on_unwritten_and_is_written_later",
    ),
    Guard(
        12,
        "on a full disk nothing new begins",
        "store/journal.py",
        "            self._reserve.hold()\n",
        "            pass\n",
        "store/test_journal.py::test_a_full_disk_spends_the_reserve_to_finish_and_begins_nothing_new",
    ),
    Guard(
        13,
        "a decision is held against the entry as it was compared",
        "store/clearances.py",
        "AND entry_digest = ?",
        "AND entry_digest != ?",
        "store/test_projections.py::test_not_the_same_person_holds_until_entry_person_or_time_changes",
    ),
    Guard(
        13,
        "a candidate cleared before is no open hit",
        "screening/checks.py",
        "for candidate, prior in asked if prior]",
        "for candidate, prior in asked if False]",
        "booth/test_desk.py::test_not_the_same_person_holds_until_the_entry_changes",
    ),
    Guard(
        13,
        "a decision holds against the centre's answer",
        "booth/asking.py",
        "settled(answer, policy, cleared) for answer",
        "answer for answer",
        "booth/test_asking.py::test_not_the_same_person_holds_against_the_centre_too",
    ),
    Guard(
        13,
        "who was cleared at a booth is no late hit",
        "screening/late.py",
        "if is_named or cleared(list_name, candidate) else",
        "if is_named else",
        "central/test_late_hits.py::test_who_was_cleared_is_no_late_hit_while_it_holds",
    ),
    Guard(
        13,
        "who was cleared is no late hit that the booth finds itself",
        "booth/late.py",
        "return records.store.clearances.find(person, *entry, now) is not None",
        "return False",
        "booth/test_rescreening.py::test_who_was_found_not_to_be_the_entrys_person_is_no_late_hit",
    ),
    Guard(
        13,
        "what the centre withdrew ends at the booth that decided it",
        "store/clearances.py",
        "own WHERE ends > ? AND {_NOT_ENDED}",
        "own WHERE ends > ?",
        "central/test_clearances.py::test_a_withdrawn_decision_ends_at_its_booth_too_and_is_never_taken_up_again",
    ),
    Guard(
        13,
        "a decision is carried if a supervisor made it",
        "central/clearances.py",
        "if _role(connection, people.supervisor, at) is not Role.SUPERVISOR:",
        "if False:",
        "central/test_clearances.py::test_who_was_no_supervisor_then_clears_nobody_elsewhere_and_an_alarm_tells_it",
    ),
    Guard(
        13,
        "nothing of a revoked booth is carried",
        "central/booths.py",
        "        clearances.shut_out(centre, connection, name)\n",
        "",
        "central/test_clearances.py::test_nothing_of_a_revoked_booth_is_carried_even_after_it_was_enrolled_again",
    ),
    Guard(
        13,
        "an Encounter on the desk is answered anew when the clearances change",
        "booth/encountering.py",
        "encounter.clearances == state.clearances and",
        "True and",
        "booth/test_clearances.py::test_what_was_decided_elsewhere_is_shown_with_post_day_and_supervisor_and_ends_on_the_desk",
    ),
    Guard(
        13,
        "who confirms is a supervisor now",
        "booth/records.py",
        "or officer.role != SUPERVISOR:",
        "or False:",
        "booth/test_clearances.py::test_only_who_is_a_supervisor_now_stands_behind_a_decision",
    ),
    Guard(
        14,
        "a key is held back for 400 ms",
        "booth/gate.py",
        "return self._monotonic() - self._advised_at >= HOLD_S",
        "return True",
        "booth/test_desk.py::test_decision_keys_are_held_back_for_400_ms",
    ),
    Guard(
        14,
        "a key held down does nothing",
        "booth/desk.py",
        "if auto_repeat or self._core.occupied or",
        "if self._core.occupied or",
        "booth/test_desk.py::test_decision_keys_are_held_back_for_400_ms",
    ),
    Guard(
        14,
        "no key is taken while an act is under way",
        "booth/desk.py",
        "if auto_repeat or self._core.occupied or",
        "if auto_repeat or",
        "booth/test_one_act.py::test_nothing_comes_between_a_decision_and_its_record",
    ),
    Guard(
        14,
        "what has only just been shown is not confirmed in the form",
        "booth/correcting.py",
        "if in_doubt and not core.gate.allows(auto_repeat=False):",
        "if False:",
        "booth/test_correcting.py::test_confirming_is_held_back_for_400_ms_and_from_a_key_held_down",
    ),
    Guard(
        14,
        "the key that confirms by eye is held back",
        "booth/correcting.py",
        "if encounter is None or part_on_desk(core.state) is None or not core.gate.allows(auto_repeat=False):",
        "if encounter is None or part_on_desk(core.state) is None:",
        "booth/test_correcting.py::test_confirming_is_held_back_for_400_ms_and_from_a_key_held_down",
    ),
    Guard(
        14,
        "after a decision the next key needs a new advice",
        "booth/gate.py",
        'needs a new advice."""\n        self._advised_at = None',
        'needs a new advice."""',
        "booth/test_gate.py::test_a_change_of_advice_holds_anew_and_a_decision_shuts",
    ),
)


def main() -> int:
    """Take each guard out and run its test; returns the exit code."""
    os.nice(10)
    passed = 0
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        copy = Copy(Path(folder).resolve(), "")
        print("| invariant | guard | test | without the guard |\n|---|---|---|---|")
        for guard in GUARDS:
            how = without(guard, copy.folder)
            passed += not how
            print(f"{guard.row} {how or 'PASSES'} |", flush=True)
    return 1 if passed else 0


def without(guard: Guard, folder: Path) -> str:
    """Return how the test fails in ``folder`` without the guard; empty where it passes."""
    path = folder / "checkpoint_app" / guard.file
    source = path.read_text()
    path.write_text(source.replace(guard.text, guard.without))
    try:
        surroundings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
        command = [sys.executable, "-c", PYTEST, "-x", "-q", "--no-header", f"tests/{guard.test}"]
        done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    finally:
        path.write_text(source)
    if done.returncode == PASSED:
        return ""
    if done.returncode != FAILED:
        return f"NOT VALID: pytest ended with {done.returncode}"
    return next(_how(done.stdout), "fails")


def _how(output: str) -> Iterator[str]:
    """Yield the lines that tell of the failure, fit for a cell of a table."""
    for line in output.splitlines():
        if line.startswith("E  "):
            said = re.sub(r"/\S+/", "…/", line[1:].strip()).replace("|", "¦")
            yield f"`{said[:90].replace('`', chr(39))}`"


if __name__ == "__main__":
    sys.exit(main())
