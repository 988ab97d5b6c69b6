//! What one policy makes of a text in pieces.
//!
//! A policy may hold a part of the text back and send it on with a later piece. That alone changes nothing, so what it sends
//! is compared with what it was given, wherever the pieces end.

use sluice_protocol::Block;

use crate::Content;
use crate::content::{Collected, Keeper};

/// The most that a policy may hold back and send on later as it was, in bytes. If it holds more, it counts as changed.
const HELD_MAX: usize = 1 << 20;

/// A text on its way through a policy.
#[derive(Debug, Default)]
pub(super) struct Passage {
    /// What the policy was given and has not sent on. Its first `passed` bytes are sent on.
    held: String,
    passed: usize,
    /// Whether it sent on anything else than it was given.
    changed: bool,
    /// How many bytes it sent on as they were, before it changed anything.
    same: usize,
    /// What it sent on after these.
    other: Collected,
    /// All that it sent on, once the text is whole and an event told of it.
    sent: Option<Content>,
}

impl Passage {
    /// Notes that for `piece` the policy sent on `text`.
    pub(super) fn pass(&mut self, piece: &str, text: &str, keeper: &Keeper) {
        if !self.changed {
            self.compare(piece, text);
        }
        if self.changed && keeper.keeps() {
            self.other.push(text);
        }
    }

    /// Notes that what the policy holds back is lost.
    pub(super) fn lose(&mut self) {
        self.changed |= self.held.len() > self.passed;
        self.held = String::new();
        self.passed = 0;
    }

    /// Notes that the text is over. Returns whether the policy changed it.
    pub(super) fn end(&mut self) -> bool {
        self.lose();
        self.changed
    }

    fn compare(&mut self, piece: &str, text: &str) {
        let holds = self.held.len() > self.passed;
        if !holds && piece == text {
            self.same += text.len();
            return;
        }
        self.held.push_str(piece);
        let waiting = &self.held[self.passed..];
        if !waiting.starts_with(text) || waiting.len() - text.len() > HELD_MAX {
            self.changed = true;
            self.held = String::new();
            self.passed = 0;
            return;
        }
        self.same += text.len();
        self.passed += text.len();
        // Each byte is moved once on average.
        if self.passed * 2 >= self.held.len() {
            self.held.drain(..self.passed);
            self.passed = 0;
        }
    }

    /// All that it sent on of what it was given, which is all there.
    pub(super) fn sent(&mut self, given: &Content, keeper: &mut Keeper) -> Option<Content> {
        if self.sent.is_none() {
            self.sent = self.sent_so_far(given, keeper);
        }
        self.sent.clone()
    }

    /// What it has sent on of what it was given so far. If that is all of it as it was, this is the same block.
    pub(super) fn sent_so_far(&self, given: &Content, keeper: &mut Keeper) -> Option<Content> {
        if !self.changed && self.same == given.bytes() {
            return Some(given.clone());
        }
        let Block::Text(text) = &*given.block else {
            return Some(given.clone());
        };
        let mut sent = Collected::default();
        sent.push(crate::text::cut(text, self.same));
        sent.skip(self.same.saturating_sub(text.len()));
        sent.push(self.other.text());
        sent.skip(self.other.bytes() - self.other.text().len());
        keeper.keep_text(sent.text().to_owned(), sent.bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sluice_protocol::Block;

    use super::{HELD_MAX, Passage};
    use crate::Content;
    use crate::content::Keeper;
    use crate::level::EventLevel;

    fn keeper() -> Keeper {
        Keeper::new(EventLevel::Contents)
    }

    fn content(text: &str) -> Content {
        let block = Arc::new(Block::Text(text.to_owned()));
        Content { block, cut: 0 }
    }

    const PIECES: [&str; 4] = ["", "a", "b", "aé"];
    const SENT: [&str; 6] = ["", "a", "b", "aé", "ab", "é"];

    /// All ways in which a policy can answer three pieces with these texts.
    fn scripts() -> Vec<[(&'static str, &'static str); 3]> {
        let steps = PIECES
            .into_iter()
            .flat_map(|piece| SENT.map(|sent| (piece, sent)));
        let steps: Vec<_> = steps.collect();
        let mut scripts = Vec::new();
        for one in &steps {
            for two in &steps {
                scripts.extend(steps.iter().map(|three| [*one, *two, *three]));
            }
        }
        scripts
    }

    #[test]
    fn what_is_told_of_a_text_is_what_was_sent_wherever_the_pieces_end() {
        let mut kept = 0;
        for script in scripts() {
            let (mut passage, mut keeper) = (Passage::default(), keeper());
            let (mut given, mut sent) = (String::new(), String::new());
            let mut is_behind = true;
            for (piece, text) in script {
                given += piece;
                sent += text;
                is_behind &= given.starts_with(&sent);
                passage.pass(piece, text, &keeper);
                let told = passage.sent_so_far(&content(&given), &mut keeper);
                assert_eq!(told, Some(content(&sent)), "{script:?}");
            }
            let changed = passage.end();
            assert_eq!(changed, !(is_behind && sent == given), "{script:?}");
            kept += usize::from(!changed);
        }
        assert!(kept > 100, "{kept} scripts change nothing");
    }

    #[test]
    fn a_text_that_nobody_changed_is_the_one_that_was_given() {
        let mut passage = Passage::default();
        passage.pass("he", "", &keeper());
        passage.pass("llo", "hello", &keeper());
        let given = content("hello");
        let sent = passage.sent(&given, &mut keeper()).unwrap();
        assert!(Arc::ptr_eq(&sent.block, &given.block));
    }

    #[test]
    fn what_a_policy_lost_is_a_change() {
        let mut passage = Passage::default();
        passage.pass("he", "h", &keeper());
        passage.lose();
        passage.pass("llo", "llo", &keeper());
        assert!(passage.end());
        let sent = passage.sent(&content("hello"), &mut keeper());
        assert_eq!(sent, Some(content("hllo")));
    }

    #[test]
    fn what_is_held_back_is_compared_within_a_bound() {
        for (more, changed) in [(0, false), (1, true)] {
            let (mut passage, half) = (Passage::default(), "a".repeat(HELD_MAX / 2));
            passage.pass(&half, "", &keeper());
            passage.pass(&half, "", &keeper());
            let more = "a".repeat(more);
            passage.pass(&more, "", &keeper());
            assert!(passage.held.len() <= HELD_MAX + 1);
            passage.pass("", &(half.clone() + &half + &more), &keeper());
            assert_eq!(passage.end(), changed);
        }
    }

    /// A policy that always holds the last letters back must not make the host keep the whole text.
    #[test]
    fn what_was_sent_on_is_not_kept() {
        let mut passage = Passage::default();
        passage.pass("ab", "a", &keeper());
        for _ in 0..10_000 {
            passage.pass("ab", "ba", &keeper());
        }
        assert!(passage.held.capacity() < 100, "{}", passage.held.capacity());
        assert!(!passage.changed);
    }
}
