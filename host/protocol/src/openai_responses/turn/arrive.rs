//! Events as they come in.

use super::{Taken, Turn, judges_any, malformed};
use crate::{
    Delivery, ReplyError,
    openai_responses::{
        entry::Entry,
        event::{Event, Kind},
        item::{ItemKind, is_judged, is_wanted, kind_of, part_kind, parts},
        line::{Line, Mode},
        queue::State,
        response::Response,
        said::{check_call, check_type},
    },
};

impl Turn {
    /// Takes an event that does not end the reply.
    pub(in crate::openai_responses) fn take(&mut self, entry: Entry) -> Taken {
        self.check_strays(&entry)?;
        match (entry.event.kind, entry.item()) {
            (Kind::Response, _) => {
                let response = Response::parse(entry.value()).map_err(ReplyError::Malformed)?;
                if response.is_wanted(&self.wants) {
                    return malformed("a response has content before its items");
                }
                self.pass(entry);
            }
            (Kind::Loose, _) | (_, None) => drop(self.pass(entry)),
            (_, Some(index)) => return self.take_of_item(index, entry),
        }
        Ok(())
    }

    /// The end of the reply repeats these items: those whose end did not come are done now.
    pub(in crate::openai_responses) fn take_repeated(&mut self, items: &[&str]) -> Taken {
        let numbers: Vec<u64> = self.kinds.keys().copied().collect();
        let next = numbers.last().map_or(0, |last| last.saturating_add(1));
        let later = (next..).take(items.len());
        let open = |turn: &Self, number: &u64| match turn.line(*number) {
            Some(at) => !turn.lines[at].is_over,
            None => !turn.kinds.contains_key(number),
        };
        for (item, number) in items.iter().zip(numbers.into_iter().chain(later)) {
            if open(self, &number) {
                self.take_of_item(number, Entry::implied(number, item))?;
            }
        }
        let judged = |line: &Line| line.mode != Mode::Through && !line.is_over;
        if self.lines.iter().any(judged) {
            return malformed("the reply ends inside an item");
        }
        // What nobody judges may stay open; nobody is told of it then.
        self.lines.retain(|line| line.is_over);
        Ok(())
    }

    /// Err where an event carries what policies judge, and its kind is none that does.
    pub(in crate::openai_responses) fn check_strays(&self, entry: &Entry) -> Taken {
        let data = entry.frame.data();
        let [item, response] = entry.event.strays.map(|stray| {
            let json = stray?.text(data);
            json.starts_with('{').then_some(json)
        });
        let item = item.is_some_and(|item| kind_of(item).is_err() || is_wanted(item, &self.wants));
        let response = response.is_some_and(|response| {
            let response = Response::parse(response);
            response.is_err() || response.is_ok_and(|response| response.is_wanted(&self.wants))
        });
        match judges_any(&self.wants) && (item || response) {
            true => malformed("an event has content that its kind does not have"),
            false => Ok(()),
        }
    }

    /// Whether deltas like this one, which was just taken in, pass without a trace but in what went out.
    pub(in crate::openai_responses) fn passes(&mut self, event: &Event) -> bool {
        let line = event.item.and_then(|item| self.line(item.value));
        let goes_through = line.is_some_and(|at| {
            let line = &self.lines[at];
            line.mode == Mode::Through && !line.is_over
        });
        let passes = goes_through && self.queue.is_empty() && !self.wire.is_changed();
        self.passing = passes.then(|| self.wire.passing(event));
        passes
    }

    /// A delta goes out that is like the one that was said to pass, with what stands between its quotes.
    pub(in crate::openai_responses) fn pass_like(&mut self, said: &[u8], sequence: Option<u64>) {
        if let Some(passing) = &self.passing {
            self.wire.pass_like(passing, said, sequence);
        }
    }

    fn take_of_item(&mut self, index: u64, entry: Entry) -> Taken {
        let begins = matches!(entry.event.kind, Kind::ItemAdded | Kind::ItemDone);
        match self.line(index) {
            Some(at) if self.lines[at].is_over || entry.event.kind == Kind::ItemAdded => {
                self.misplaced(index, entry)
            }
            Some(at) => self.hear(at, entry),
            None if begins && !self.kinds.contains_key(&index) => {
                self.open(index, &entry)?;
                self.hear(self.lines.len() - 1, entry)
            }
            None => self.misplaced(index, entry),
        }
    }

    fn line(&self, index: u64) -> Option<usize> {
        self.lines.iter().position(|line| line.index == index)
    }

    /// An event of an item that is not there, or over: nobody could judge what it says.
    fn misplaced(&mut self, index: u64, entry: Entry) -> Taken {
        let unread = match self.kinds.get(&index) {
            Some(kind) => entry.event.kind == Kind::OfItem && self.mode(*kind) == Mode::Through,
            None => false,
        };
        if judges_any(&self.wants) && !unread {
            return malformed("an event is about an item that is not open");
        }
        self.pass(entry);
        Ok(())
    }

    fn open(&mut self, index: u64, entry: &Entry) -> Taken {
        let json = entry.value();
        let kind = kind_of(json).map_err(|fault| ReplyError::Malformed(fault.to_string()))?;
        self.kinds.insert(index, kind);
        let mut line = Line::new(index, kind, self.mode(kind));
        if entry.event.kind == Kind::ItemAdded {
            let early = kind == ItemKind::Message && !parts(json).is_empty();
            if early && line.mode != Mode::Through {
                return malformed("a message has content before its parts");
            }
            if judges_any(&self.wants) {
                line.added = Some(json.to_owned());
            }
        }
        self.lines.push_back(line);
        Ok(())
    }

    fn mode(&self, kind: ItemKind) -> Mode {
        match (self.wants.delivery(kind.block()), kind) {
            (Delivery::None | Delivery::Observe, _) => Mode::Through,
            (Delivery::Pieces, ItemKind::Message) => Mode::Pieces,
            _ => Mode::Held,
        }
    }

    fn hear(&mut self, at: usize, entry: Entry) -> Taken {
        let judges = judges_any(&self.wants);
        let kind = entry.event.kind;
        if judges && !kind.fits(self.lines[at].kind) {
            return malformed("an event is not about an item of that type");
        }
        if judges && self.has_judged(&self.lines[at], &entry)? {
            self.lines[at].mode = Mode::Held;
        }
        let line = &mut self.lines[at];
        let heard = match line.mode {
            Mode::Through => Ok(()),
            Mode::Pieces | Mode::Held => line.said.hear(&entry),
        };
        let ended = match kind {
            Kind::ItemDone => line.end(entry.value(), judges),
            _ => Ok(()),
        };
        if let Err(fault) = heard.and(ended) {
            return malformed(fault);
        }
        if line.mode == Mode::Through {
            let ticket = self.pass(entry);
            let first = &mut self.lines[at].first;
            *first = first.or(ticket);
            return Ok(());
        }
        let ticket = self.queue.push(entry, State::Waiting);
        line.first.get_or_insert(ticket);
        if line.mode == Mode::Held {
            line.held_from.get_or_insert(ticket);
        }
        match line.in_pieces {
            true => line.pending.push_back(ticket),
            false => line.held.push(ticket),
        }
        Ok(())
    }

    /// Whether an event brings a block that policies judge into an item whose frames do not wait for it.
    fn has_judged(&self, line: &Line, entry: &Entry) -> Taken<bool> {
        let fault = |fault: crate::json::Fault| ReplyError::Malformed(fault.to_string());
        if line.mode == Mode::Held {
            return Ok(false);
        }
        Ok(match entry.event.kind {
            Kind::ItemAdded | Kind::ItemDone if line.mode == Mode::Through => {
                kind_of(entry.value()).map_err(fault)?;
                is_wanted(entry.value(), &self.wants)
            }
            Kind::PartAdded | Kind::PartDone if line.kind == ItemKind::Message => {
                let kind = part_kind(entry.value()).map_err(fault)?;
                let in_pieces = line.mode == Mode::Pieces && kind == crate::BlockKind::Text;
                is_judged(kind, &self.wants) && !in_pieces
            }
            _ => false,
        })
    }
}

impl Line {
    /// The item is done.
    fn end(&mut self, json: &str, judged: bool) -> Result<(), &'static str> {
        if let Some(added) = self.added.as_ref().filter(|_| judged) {
            check_type(added, json)?;
        }
        if self.mode != Mode::Through {
            let kind = kind_of(json).map_err(|_| "an item has a key twice")?;
            check_call(kind, json)?;
            self.said.check(self.added.as_deref(), json)?;
        }
        self.is_over = true;
        self.done = Some(json.to_owned());
        Ok(())
    }
}
