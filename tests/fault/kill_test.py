# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load, and while the daemon comes up again.

python3 kill_test.py, with the environment of acknowledged.py
"""

import random

from acknowledged import FaultTest, full, main, pause, seed

ROUNDS = 200 if full() else 20
KILLED_COMING_UP = 0.2  # Of the rounds.
EVENTS_PER_SECOND = 10_000
BATCHES = (1, 7, 64, 512)


class Kill(FaultTest):
    """The process ends without a word; what it said before must hold."""

    def kill_coming_up(self, chance):
        daemon = self.launch()
        pause(chance.uniform(0, 0.3))
        daemon.kill()

    def kill_under_load(self, chance):
        daemon = self.start()
        feed = self.feed(daemon, batch=chance.choice(BATCHES), events_per_second=EVENTS_PER_SECOND)
        self.wait_for_acknowledgements(feed)
        pause(chance.uniform(0, 0.5))
        daemon.kill()
        code, result = feed.result()
        self.assertEqual((code, result["lost"]), (1, 0), result)
        return result["duplicates"]

    def test_nothing_acknowledged_is_lost_or_doubled(self):
        chance = random.Random(seed())
        again = 0
        for number in range(ROUNDS):
            if number > 0 and chance.random() < KILLED_COMING_UP:
                self.kill_coming_up(chance)
            else:
                again += self.kill_under_load(chance)
        print(f"{again} events came again: recorded, and not acknowledged before the kill")
        daemon = self.start()
        last = self.require_nothing_lost(daemon, "kill -9", ROUNDS)
        self.require_figures_as_undisturbed(daemon, last)
        self.require_sound(daemon)


if __name__ == "__main__":
    main()
