//! What is to be done about the blocks of a stream, in the order in which they completed.

use std::collections::VecDeque;

use super::{choice::Said, queue::Place};
use crate::{
    Block, BlockKind,
    openai_chat::turn::{Field, Ticket},
    sse::Frame,
};

#[derive(Debug)]
pub(super) enum Task {
    /// A piece of a block that nobody judges goes out.
    Pass {
        choice: u64,
        ticket: Ticket,
        said: Said,
    },
    Observe {
        choice: u64,
        block: Block,
    },
    Judge(Judged),
    /// A piece of a text, as it arrived.
    Piece(Spoken),
    /// The end of a text that came in pieces.
    LastPiece {
        choice: u64,
        field: Field,
        end: End,
    },
    /// A text that waited for another that came in pieces.
    Text(Spoken),
    /// All blocks of a choice are judged.
    Close {
        choice: u64,
    },
    /// All blocks are judged.
    End,
    /// The stream is over, with this frame if there is one.
    Over(Option<Frame>),
}

/// A block that is judged whole.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) choice: u64,
    pub(super) ticket: Ticket,
    /// Where it stands, if it is a text.
    pub(super) field: Option<Field>,
    pub(super) block: Block,
}

/// A text that is judged in pieces, or a piece of it.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) choice: u64,
    pub(super) ticket: Ticket,
    pub(super) field: Field,
    pub(super) text: String,
}

/// Where a text ends that came in pieces.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// Within this, which holds its last piece.
    In(Place),
    /// Before this, or behind all that has come.
    Before(Option<Place>),
}

#[derive(Debug, Default)]
pub(super) struct Agenda {
    tasks: VecDeque<Task>,
}

impl Task {
    /// The choice that it is about; none where it is about all.
    fn choice(&self) -> Option<u64> {
        match self {
            Self::Pass { choice, .. }
            | Self::Observe { choice, .. }
            | Self::LastPiece { choice, .. }
            | Self::Close { choice } => Some(*choice),
            Self::Judge(judged) => Some(judged.choice),
            Self::Piece(spoken) | Self::Text(spoken) => Some(spoken.choice),
            Self::End | Self::Over(_) => None,
        }
    }

    fn asks(&self) -> bool {
        matches!(
            self,
            Self::Judge(_) | Self::Piece(_) | Self::LastPiece { .. } | Self::Text(_)
        )
    }
}

impl Agenda {
    pub(super) fn push(&mut self, task: Task) {
        self.tasks.push_back(task);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.tasks.clear();
    }

    /// Whether a piece of a call of this choice that nobody judges has yet to go out.
    pub(super) fn passes_a_call(&self, choice: u64) -> bool {
        self.tasks.iter().any(|task| {
            matches!(task, Task::Pass { choice: of, said: Said::Block(BlockKind::ToolCall), .. } if *of == choice)
        })
    }

    /// The next thing to do. While the text of one choice comes in pieces, nothing is asked about the
    /// others; what is to be done about one choice is done in order.
    pub(super) fn next(&mut self, speaking: Option<u64>) -> Option<Task> {
        let mut stuck = Vec::new();
        for at in 0..self.tasks.len() {
            let task = self.tasks.get(at)?;
            let can_be_done = match task.choice() {
                None => at == 0,
                Some(choice) => {
                    let other_speaks = speaking.is_some_and(|speaking| speaking != choice);
                    !(stuck.contains(&choice) || other_speaks && task.asks())
                }
            };
            if can_be_done {
                return self.tasks.remove(at);
            }
            stuck.extend(task.choice());
        }
        None
    }
}
