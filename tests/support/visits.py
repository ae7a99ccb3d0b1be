"""A site with one competition on it, at whatever stage, and its people as visitors."""

from __future__ import annotations

import re

from commissioning.competition import queries as competition_queries
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import world_at
from tests.factories.identity import PersonFactory, actor_of
from tests.support.pages import client_of, post


class Site:
    """What a test keeps of a competition: references and actors, no rows."""

    def __init__(self, app, clock, build=world_at):
        self.app = app
        self.clock = clock
        self.build = build

    def make(self, stage=Stage.QUALITY_EVALUATION, prepare=None, **changes):
        """Make a competition; `prepare(world)` goes on from there, and may name what to keep."""
        with self.app.app_context():
            world = self.build(stage, is_invented=changes.pop("is_invented", True), **changes)
            kept = prepare(world) if prepare else None
            self.kept = kept or {}
            self.reference = world.reference
            self.people = {name: person.reference for name, person in world.people.items()}
            self.bids = {
                lot.reference: sorted(bid.reference for bid in world.bids_for(lot.reference))
                for lot in world.lots
            }
            self.bidders = {bidder.reference: bidder.name for bidder in world.bidders}
            self.responses = [response.reference for response in world.responses]
            self._actors = {name: world.actor(name) for name in world.people}
            applicants = [row.organisation for row in world.responses] or list(world.bidders)
            if applicants:
                self._actors["bidder"] = actor_of(PersonFactory(organisation=applicants[0]))
            db.session.commit()
        return self

    def path(self, rest=""):
        return f"/competitions/{self.reference}/{rest}"

    def visit(self, name):
        return client_of(self.app, self._actors[name])

    def get(self, name, rest):
        return self.visit(name).get(self.path(rest))

    def text(self, name, rest):
        """The words of a page that must be there, without its tags."""
        answer = self.get(name, rest)
        assert answer.status_code == 200, (rest, answer.status_code)
        return words(answer)

    def post(self, name, rest, data=None, *, page=None):
        return post(self.visit(name), self.path(rest), data, page=self.path(page) if page else None)

    def ask(self, question):
        """What a function finds in the database, given the competition."""
        with self.app.app_context():
            return question(competition_queries.competition_by_reference(self.reference))

    def act(self, service, name, *arguments, **keywords):
        """Call a service as a person, and commit."""
        with self.app.app_context():
            done = service(self._actors[name], *arguments, clock=self.clock, **keywords)
            db.session.commit()
            return done


def words(answer):
    """The words of a page's main part, single spaces between them."""
    page = answer.get_data(as_text=True)
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#39;", "'").strip()
