//! What a policy asks to see.

use serde::Serialize;

/// What a policy asks to see, and how; the host calls the hooks for that alone.
///
/// *Whole* holds a block of the reply until [`on_block`](crate::Policy::on_block) has judged it.
/// *Observed* calls `on_block` when the block is already on its way: the verdict must be `Keep`.
/// *Pieces*, for text alone, calls [`on_text`](crate::Policy::on_text) for each piece as it arrives.
/// Ask for the lightest that does: nothing is held that no policy wants whole.
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
    /// Nothing: the policy is never called. Start here and add.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The request, through `on_request`.
    #[must_use]
    pub fn request(self) -> Self {
        Self {
            request: true,
            ..self
        }
    }

    /// The end of the reply, through `on_end`.
    #[must_use]
    pub fn end(self) -> Self {
        Self { end: true, ..self }
    }

    /// Text, held until each block is complete.
    #[must_use]
    pub fn text_whole(self) -> Self {
        Self {
            text: Delivery::Whole,
            ..self
        }
    }

    /// Text as it arrives.
    #[must_use]
    pub fn text_pieces(self) -> Self {
        Self {
            text: Delivery::Pieces,
            ..self
        }
    }

    /// Text, when it is already on its way.
    #[must_use]
    pub fn text_observed(self) -> Self {
        Self {
            text: Delivery::Observe,
            ..self
        }
    }

    /// Tool calls, held until each is complete.
    #[must_use]
    pub fn tool_calls_whole(self) -> Self {
        Self {
            tool_call: Delivery::Whole,
            ..self
        }
    }

    /// Tool calls, when they are already on their way.
    #[must_use]
    pub fn tool_calls_observed(self) -> Self {
        Self {
            tool_call: Delivery::Observe,
            ..self
        }
    }

    /// Thinking, held until each block is complete; it can be kept or the reply stopped.
    #[must_use]
    pub fn thinking_whole(self) -> Self {
        Self {
            thinking: Delivery::Whole,
            ..self
        }
    }

    /// Thinking, when it is already on its way.
    #[must_use]
    pub fn thinking_observed(self) -> Self {
        Self {
            thinking: Delivery::Observe,
            ..self
        }
    }

    /// Every other kind, held until each block is complete; it can be kept or the reply stopped.
    #[must_use]
    pub fn others_whole(self) -> Self {
        Self {
            other: Delivery::Whole,
            ..self
        }
    }

    /// Every other kind, when it is already on its way.
    #[must_use]
    pub fn others_observed(self) -> Self {
        Self {
            other: Delivery::Observe,
            ..self
        }
    }

    /// Nothing is kept from one call to the next: each starts from what [`configure`] made, and no
    /// memory is held for a reply that is on its way.
    ///
    /// For a policy that judges a block by itself. A fresh start costs some 15 us; with pieces of
    /// text, of which a reply has hundreds, that is more than it saves.
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
