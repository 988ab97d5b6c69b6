//! The kinds of event, by their names.

use crate::openai_responses::item::ItemKind;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_responses) enum Kind {
    /// A comment, an event newer than this crate: it has no say in the order of the others.
    Loose,
    /// The response begins.
    Created,
    /// The response as a whole, before it has content.
    Response,
    ItemAdded,
    ItemDone,
    PartAdded,
    PartDone,
    TextDelta,
    TextDone,
    RefusalDelta,
    RefusalDone,
    ArgumentsDelta,
    ArgumentsDone,
    InputDelta,
    InputDone,
    SummaryDelta,
    SummaryDone,
    ReasoningDelta,
    ReasoningDone,
    /// Something else about an item.
    OfItem,
    Terminal(Ending),
}

/// How a reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_responses) enum Ending {
    Completed,
    Incomplete,
    /// As the response says, which some servers send in the place of the others.
    Done,
    Failed,
    Error,
}

/// The events that are known, by name.
const NAMES: [(&str, Kind); 25] = [
    ("response.output_text.delta", Kind::TextDelta),
    (
        "response.function_call_arguments.delta",
        Kind::ArgumentsDelta,
    ),
    ("response.created", Kind::Created),
    ("response.queued", Kind::Response),
    ("response.in_progress", Kind::Response),
    ("response.output_item.added", Kind::ItemAdded),
    ("response.output_item.done", Kind::ItemDone),
    ("response.content_part.added", Kind::PartAdded),
    ("response.content_part.done", Kind::PartDone),
    ("response.output_text.done", Kind::TextDone),
    ("response.refusal.delta", Kind::RefusalDelta),
    ("response.refusal.done", Kind::RefusalDone),
    ("response.function_call_arguments.done", Kind::ArgumentsDone),
    ("response.custom_tool_call_input.delta", Kind::InputDelta),
    ("response.custom_tool_call_input.done", Kind::InputDone),
    ("response.reasoning_summary_text.delta", Kind::SummaryDelta),
    ("response.reasoning_summary_text.done", Kind::SummaryDone),
    ("response.reasoning_text.delta", Kind::ReasoningDelta),
    ("response.reasoning_text.done", Kind::ReasoningDone),
    ("response.completed", Kind::Terminal(Ending::Completed)),
    ("response.incomplete", Kind::Terminal(Ending::Incomplete)),
    ("response.done", Kind::Terminal(Ending::Done)),
    ("response.failed", Kind::Terminal(Ending::Failed)),
    ("error", Kind::Terminal(Ending::Error)),
    // What OpenRouter's documents call `response.output_text.delta`.
    ("response.content_part.delta", Kind::TextDelta),
];

impl Kind {
    /// The kind of the event of this name; nothing where it is not known.
    pub(in crate::openai_responses) fn named(name: &[u8]) -> Option<Self> {
        let mut names = NAMES.iter();
        let found = names.find(|(known, _)| known.as_bytes() == name);
        found.map(|(_, kind)| *kind)
    }

    /// Whether it adds to a text or to arguments.
    pub(in crate::openai_responses) fn is_delta(self) -> bool {
        let thinking = matches!(self, Self::SummaryDelta | Self::ReasoningDelta);
        thinking || self.is_text_delta() || self.is_call_delta()
    }

    /// Whether it repeats a finished text or finished arguments.
    pub(in crate::openai_responses) fn is_done(self) -> bool {
        let thinking = matches!(self, Self::SummaryDone | Self::ReasoningDone);
        thinking || self.is_text_done() || self.is_call_done()
    }

    /// Whether it may be about an item of that kind.
    pub(in crate::openai_responses) fn fits(self, item: ItemKind) -> bool {
        match item {
            _ if matches!(self, Self::OfItem | Self::ItemAdded | Self::ItemDone) => true,
            ItemKind::Message => self.is_of_part(),
            ItemKind::Call => self.is_call(),
            ItemKind::Reasoning => !self.is_text_delta() && !self.is_text_done() && !self.is_call(),
            ItemKind::Other => false,
        }
    }

    /// Whether it is about an item.
    pub(in crate::openai_responses) fn is_about_item(self) -> bool {
        !matches!(
            self,
            Self::Loose | Self::Created | Self::Response | Self::Terminal(_)
        )
    }

    fn is_call(self) -> bool {
        self.is_call_delta() || self.is_call_done()
    }

    /// Whether it adds to a text.
    pub(in crate::openai_responses) fn is_text_delta(self) -> bool {
        matches!(self, Self::TextDelta | Self::RefusalDelta)
    }

    /// Whether it repeats a finished text.
    pub(in crate::openai_responses) fn is_text_done(self) -> bool {
        matches!(self, Self::TextDone | Self::RefusalDone)
    }

    /// Whether it is about a part of a message.
    pub(in crate::openai_responses) fn is_of_part(self) -> bool {
        let part = matches!(self, Self::PartAdded | Self::PartDone);
        part || self.is_text_delta() || self.is_text_done()
    }

    /// Whether it adds to the arguments of a call.
    pub(in crate::openai_responses) fn is_call_delta(self) -> bool {
        matches!(self, Self::ArgumentsDelta | Self::InputDelta)
    }

    /// Whether it repeats the finished arguments of a call.
    pub(in crate::openai_responses) fn is_call_done(self) -> bool {
        matches!(self, Self::ArgumentsDone | Self::InputDone)
    }
}
