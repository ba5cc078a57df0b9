# SPDX-License-Identifier: Apache-2.0
"""Every file of a data directory, flipped, cut and deleted: never another answer without a word.

python3 damage_test.py, with the environment of acknowledged.py
"""

import collections
import fnmatch
import shutil

from acknowledged import Failure, FaultTest, Toll, exported, figures, fsck, main, wait_until

REFUSED, FAILED = 3, 1
DAMAGED = 5  # Of `vigie fsck`.
# What must not be missed, and what does no harm; of the rest only that it is never silently wrong.
# A MANIFEST cut between two records is a valid one of an earlier time: where all families agree on
# that time, the log tells the rest again.
REFUSE = {"flip": ("CURRENT", "MANIFEST-*", "*.log", "anchor", "pseudonym.key"),
          "cut": ("CURRENT", "*.log", "anchor", "pseudonym.key", "*.sst"),
          "delete": ("CURRENT", "MANIFEST-*", "*.log", "pseudonym.key", "*.sst")}
HARMLESS = ("LOG*", "OPTIONS-*", "IDENTITY", "LOCK")
EVENTS = 1_200  # Of each source.


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0x40
    path.write_bytes(content)


def cut(path):
    # What a write-ahead log holds last may be views alone, which the log tells again.
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 4])


def delete(path):
    path.unlink()


def matches(path, patterns):
    return any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)


class Damage(FaultTest):
    """A directory of a daemon that stopped, and of one that was killed."""

    def make(self, name, stop):
        """A data directory, and what a sound one answers."""
        daemon = self.start(name, config=self.config())
        self.feed(daemon, self.aside / name, last_sequence=EVENTS, close=True, batch=256).result()
        if stop == "stopped":
            self.assertEqual(daemon.stop(), 0)
            # Opened once more: recovery moves the log into tables, and there is something to flip.
            daemon = self.start(name, config=self.config())
        truth = self.answers(daemon)
        position = daemon.log_position()
        anchor = daemon.data_dir / "anchor"
        wait_until("the anchor", lambda: anchor.exists() and
                   int(anchor.read_text(encoding="utf-8").split()[1]) >= position)
        if stop == "stopped":
            self.assertEqual(daemon.stop(), 0)
        else:
            daemon.kill()
        return daemon.data_dir, truth

    def answers(self, daemon):
        """All of the log and of the views, or nothing where the daemon says that it cannot."""
        try:
            return list(exported(daemon)), figures(daemon)
        except Failure:
            return None

    def outcome(self, truth):
        """What becomes of the directory `damaged`, in words."""
        daemon = self.launch("damaged", config=self.config())
        wait_until("the daemon to be ready or to end",
                   lambda: daemon.is_ready() or daemon.has_ended())
        if daemon.has_ended():
            code = daemon.stop()
            self.assertIn(code, (REFUSED, FAILED), daemon.log()[-2000:])
            self.assertRegex(self.require_sentence(daemon), "restore|backup|put it back")
            return "refused" if code == REFUSED else "stopped by the scrub"
        found = self.answers(daemon.wait_ready())
        self.assertIn(daemon.stop(), (0, FAILED), daemon.log()[-2000:])
        if found == truth:
            return "the same"
        code, words = fsck(daemon.data_dir)
        self.assertEqual(code, DAMAGED, f"fsck: {words}")
        return "found when read" if found is None else "found by fsck"

    def try_each(self, stop):
        sound, truth = self.make(stop, stop)
        place = self.directory / "damaged"
        table = collections.defaultdict(dict)
        for path in sorted(sound.rglob("*")):
            if not path.is_file():
                continue
            for harm in (flip, cut, delete):
                if path.stat().st_size == 0 and harm is not delete:
                    continue
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir()
                shutil.copytree(sound, place / "data")
                harm(place / "data" / path.relative_to(sound))
                with self.subTest(file=path.name, harm=harm.__name__, stop=stop):
                    found = self.outcome(truth)
                    table[path.name][harm.__name__] = found
                    if matches(path, REFUSE[harm.__name__]) and path.stat().st_size > 0:
                        self.assertEqual(found, "refused")
                    if matches(path, HARMLESS):
                        self.assertEqual(found, "the same")
        for name, row in table.items():
            print(f"{stop:<8} {name:<26}", *(f"{row.get(harm.__name__, '-'):<20}"
                                             for harm in (flip, cut, delete)), flush=True)
        return sum(len(row) for row in table.values())

    def test_is_refused_found_or_harmless(self):
        tried = self.try_each("stopped") + self.try_each("killed")
        # Nothing was sent to a damaged directory; what it answered was compared whole.
        self.row("damaged file", tried, Toll(EVENTS * 4, 0, 0, EVENTS * 4))


if __name__ == "__main__":
    main()
