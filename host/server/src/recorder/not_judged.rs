//! Why no policy judged a block of a reply.

use std::fmt;

use sluice_engine::{Event, Hook, Outcome};
use sluice_protocol::{BlockKind, Delivery};

use super::{Ending, Recording};

/// Why no policy judged a block of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotJudged {
    /// The reply is not made of blocks: it is a number, a vector, or what the agent sends on in its next request.
    NoBlocks,
    /// The reply is an error of upstream, which has no blocks.
    UpstreamError,
    /// No policy wants blocks of this kind.
    NotWanted,
    /// Policies only observe blocks of this kind.
    Observed,
    /// Each policy that would have judged it failed, then or earlier in the exchange. The outcome of the event tells the
    /// side that was taken.
    PolicyFailed,
    /// A policy made it, in upstream's place, and no policy further out wants blocks of this kind.
    Made,
    /// The reply ended before it was the block's turn: at a bound, by a policy, or because upstream or the caller went away.
    /// How the recording ended tells which, and the event of a policy that ended it. The block was not delivered.
    Unfinished,
    /// The recording has no room for all of its events, so it is not known.
    NotKept,
}

impl NotJudged {
    /// All reasons.
    pub const ALL: [Self; 8] = [
        Self::NoBlocks,
        Self::UpstreamError,
        Self::NotWanted,
        Self::Observed,
        Self::PolicyFailed,
        Self::Made,
        Self::Unfinished,
        Self::NotKept,
    ];

    /// A stable name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoBlocks => "no-blocks",
            Self::UpstreamError => "upstream-error",
            Self::NotWanted => "not-wanted",
            Self::Observed => "observed",
            Self::PolicyFailed => "policy-failed",
            Self::Made => "made",
            Self::Unfinished => "unfinished",
            Self::NotKept => "not-kept",
        }
    }
}

/// A sentence for a person.
impl fmt::Display for NotJudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBlocks => "the reply is not made of blocks",
            Self::UpstreamError => "the reply is an error of upstream",
            Self::NotWanted => "no policy wants blocks of this kind",
            Self::Observed => "policies only observe blocks of this kind",
            Self::PolicyFailed => "the policies that would have judged it failed",
            Self::Made => "a policy made it, and no policy further out wants blocks of this kind",
            Self::Unfinished => "the reply ended before it was the block's turn",
            Self::NotKept => "there were more events than a recording keeps",
        })
    }
}

impl Recording {
    /// Returns why a block of this kind was not judged. `block` is its number in the events; `None` for a block of which
    /// no policy was told. Returns `None` if a policy judged it.
    pub fn not_judged_because(&self, kind: BlockKind, block: Option<u32>) -> Option<NotJudged> {
        if let Some(why) = self.unread() {
            return Some(why);
        }
        match self.wants.delivery(kind) {
            Delivery::None => return Some(NotJudged::NotWanted),
            Delivery::Observe => return Some(NotJudged::Observed),
            Delivery::Pieces | Delivery::Whole => {}
        }
        let judging = |event: &&Event| {
            let judges = matches!(event.hook, Hook::Block | Hook::Text);
            judges && block.is_some() && event.block == block
        };
        let outcomes = self
            .events
            .iter()
            .filter(judging)
            .map(|event| &event.outcome);
        let mut failed = false;
        for outcome in outcomes {
            match outcome {
                Outcome::Verdict { .. } => return None,
                Outcome::Failed { .. } | Outcome::NotJudged { .. } => failed = true,
                Outcome::Emitted { .. } => {}
            }
        }
        Some(match self.ending {
            _ if failed => NotJudged::PolicyFailed,
            _ if self.dropped_events > 0 => NotJudged::NotKept,
            Ending::Answered => NotJudged::Made,
            _ => NotJudged::Unfinished,
        })
    }

    /// Returns why none of the reply was read.
    fn unread(&self) -> Option<NotJudged> {
        let is_error = |status| !(200..300).contains(&status);
        match self.status {
            Some(status) if is_error(status) => Some(NotJudged::UpstreamError),
            _ if self.has_no_blocks => Some(NotJudged::NoBlocks),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use sluice_engine::{
        Action, Cause, Contents, Context, Event, Hook, OnFailure, Outcome, PolicySet, Verdict,
    };
    use sluice_protocol::{BlockKind, Delivery, Wants};

    use super::{Ending, NotJudged, Recording};
    use crate::caller::Session;

    fn recording() -> Recording {
        Recording {
            wants: Wants {
                text: Delivery::Pieces,
                tool_call: Delivery::Whole,
                thinking: Delivery::Observe,
                ..Wants::NOTHING
            },
            status: Some(200),
            ending: Ending::Delivered,
            ..Recording::new(&Context::default(), Session::default(), &PolicySet::empty())
        }
    }

    fn event(hook: Hook, block: u32, outcome: Outcome) -> Event {
        Event {
            policy: "p".into(),
            revision: "r".into(),
            hook,
            block: Some(block),
            fuel: 0,
            duration: Duration::ZERO,
            outcome,
            contents: Contents::Nothing,
        }
    }

    fn verdict() -> Outcome {
        Outcome::Verdict {
            verdict: Verdict::Allow,
            action: Action::Allow,
            rule: None,
            message: None,
            detail: None,
        }
    }

    fn failed(side: OnFailure) -> Outcome {
        let cause = Cause::Fuel { limit: 1 };
        Outcome::Failed { cause, side }
    }

    fn after(events: Vec<Event>) -> Recording {
        Recording {
            events,
            ..recording()
        }
    }

    fn row() -> Outcome {
        Outcome::Emitted {
            kind: "k".to_owned(),
            detail: serde_json::Value::Null,
        }
    }

    /// Every way in which a block comes to be judged or not.
    #[test]
    fn each_block_is_judged_or_the_recording_says_why_not() {
        let (pass, block) = (OnFailure::Pass, OnFailure::Block);
        let of = |outcome| after(vec![event(Hook::Block, 3, outcome)]);
        let cases = [
            // A policy judged it.
            (of(verdict()), None),
            (
                after(vec![
                    event(Hook::Block, 3, failed(pass)),
                    event(Hook::Block, 3, verdict()),
                ]),
                None,
            ),
            (after(vec![event(Hook::Text, 3, verdict())]), None),
            // Policies failed.
            (of(failed(pass)), Some(NotJudged::PolicyFailed)),
            (of(failed(block)), Some(NotJudged::PolicyFailed)),
            (
                of(Outcome::NotJudged { side: pass }),
                Some(NotJudged::PolicyFailed),
            ),
            // Only other blocks were judged, or this one was only looked at.
            (
                after(vec![event(Hook::Block, 4, verdict())]),
                Some(NotJudged::Unfinished),
            ),
            (of(row()), Some(NotJudged::Unfinished)),
            (
                after(vec![event(Hook::Observe, 3, verdict())]),
                Some(NotJudged::Unfinished),
            ),
            // The reply met a bound, or the caller went away.
            (
                Recording {
                    ending: Ending::Failed("a bound".to_owned()),
                    ..recording()
                },
                Some(NotJudged::Unfinished),
            ),
            (
                Recording {
                    ending: Ending::Aborted,
                    ..recording()
                },
                Some(NotJudged::Unfinished),
            ),
            (
                Recording {
                    ending: Ending::Answered,
                    status: None,
                    ..recording()
                },
                Some(NotJudged::Made),
            ),
            (
                Recording {
                    dropped_events: 1,
                    ..recording()
                },
                Some(NotJudged::NotKept),
            ),
            // None of the reply was read.
            (
                Recording {
                    status: Some(529),
                    ..recording()
                },
                Some(NotJudged::UpstreamError),
            ),
            (
                Recording {
                    has_no_blocks: true,
                    ..recording()
                },
                Some(NotJudged::NoBlocks),
            ),
        ];
        for (recording, why) in cases {
            let told = recording.not_judged_because(BlockKind::ToolCall, Some(3));
            assert_eq!(told, why, "{recording:?}");
        }
    }

    #[test]
    fn a_block_that_no_policy_judges_has_a_reason_by_its_kind() {
        let because = |kind| recording().not_judged_because(kind, None);
        assert_eq!(because(BlockKind::Other), Some(NotJudged::NotWanted));
        assert_eq!(because(BlockKind::Thinking), Some(NotJudged::Observed));
        assert_eq!(because(BlockKind::Text), Some(NotJudged::Unfinished));
    }

    #[test]
    fn each_reason_has_its_own_name_and_sentence() {
        let names = NotJudged::ALL.map(NotJudged::as_str);
        assert_eq!(HashSet::from(names).len(), names.len());
        let sentences = NotJudged::ALL.map(|why| why.to_string());
        assert_eq!(HashSet::from(sentences.clone()).len(), sentences.len());
    }
}
