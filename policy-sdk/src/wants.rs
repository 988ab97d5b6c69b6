//! What a policy asks to see.

use serde::Serialize;

/// What a policy asks to see, and how. The host calls only the hooks that this needs.
///
/// - *Whole*: the block is held until [`on_block`](crate::Policy::on_block) has judged it.
/// - *Observed*: `on_block` is called when the block is already on its way, so the verdict must be `Keep`.
/// - *Pieces*, for text alone: [`on_text`](crate::Policy::on_text) is called for each piece as it arrives.
///
/// Ask for the least that is enough: a block that no policy wants whole is never held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wants {
    pub(crate) request: bool,
    pub(crate) text: Delivery,
    pub(crate) thinking: Delivery,
    pub(crate) tool_call: Delivery,
    pub(crate) other: Delivery,
    pub(crate) end: bool,
    pub(crate) stateless: bool,
}

/// How the blocks of one kind reach a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Delivery {
    #[default]
    None,
    Observe,
    Pieces,
    Whole,
}

impl Wants {
    /// Asks for nothing, so the policy is never called. Start here and add to it.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Asks for the request: `on_request` is called.
    #[must_use]
    pub fn request(self) -> Self {
        Self {
            request: true,
            ..self
        }
    }

    /// Asks for the end of the reply: `on_end` is called.
    #[must_use]
    pub fn end(self) -> Self {
        Self { end: true, ..self }
    }

    /// Asks for text. Each block is held until it is judged.
    #[must_use]
    pub fn text_whole(self) -> Self {
        Self {
            text: Delivery::Whole,
            ..self
        }
    }

    /// Asks for text in pieces, as it arrives.
    #[must_use]
    pub fn text_pieces(self) -> Self {
        Self {
            text: Delivery::Pieces,
            ..self
        }
    }

    /// Asks for text that is already on its way.
    #[must_use]
    pub fn text_observed(self) -> Self {
        Self {
            text: Delivery::Observe,
            ..self
        }
    }

    /// Asks for tool calls. Each is held until it is judged.
    #[must_use]
    pub fn tool_calls_whole(self) -> Self {
        Self {
            tool_call: Delivery::Whole,
            ..self
        }
    }

    /// Asks for tool calls that are already on their way.
    #[must_use]
    pub fn tool_calls_observed(self) -> Self {
        Self {
            tool_call: Delivery::Observe,
            ..self
        }
    }

    /// Asks for thinking. Each block is held until it is judged. The policy can keep it or stop the reply.
    #[must_use]
    pub fn thinking_whole(self) -> Self {
        Self {
            thinking: Delivery::Whole,
            ..self
        }
    }

    /// Asks for thinking that is already on its way.
    #[must_use]
    pub fn thinking_observed(self) -> Self {
        Self {
            thinking: Delivery::Observe,
            ..self
        }
    }

    /// Asks for every other kind of block. Each block is held until it is judged. The policy can keep it or stop the
    /// reply.
    #[must_use]
    pub fn others_whole(self) -> Self {
        Self {
            other: Delivery::Whole,
            ..self
        }
    }

    /// Asks for every other kind of block that is already on its way.
    #[must_use]
    pub fn others_observed(self) -> Self {
        Self {
            other: Delivery::Observe,
            ..self
        }
    }

    /// Says that the policy keeps nothing between calls: each call starts from what [`configure`] made, and no memory
    /// is held for a reply that is on its way.
    ///
    /// This is for a policy that judges each block by itself. A fresh start costs some 15 us. With pieces of text, of
    /// which a reply has hundreds, that is more than it saves.
    ///
    /// [`configure`]: crate::Policy::configure
    #[must_use]
    pub fn stateless(self) -> Self {
        Self {
            stateless: true,
            ..self
        }
    }
}
