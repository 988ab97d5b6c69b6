//! What dialects differ in, where policies change a reply.

/// A dialect's words, and its rules of order.
#[derive(Debug)]
pub(crate) struct Rules {
    /// What the ids of replies begin with.
    pub(crate) reply_id: &'static str,
    /// What the ids of tool calls begin with.
    pub(crate) call_id: &'static str,
    /// The stop reasons of a reply with tool calls, the usual one first. Empty where a stop reason says nothing of them.
    pub(crate) stopped_to_call: &'static [&'static str],
    /// The stop reason of a reply without.
    pub(crate) stopped: &'static str,
    /// The stop reason of a reply that is not complete.
    pub(crate) cut: &'static str,
    /// Where texts that policies add stand.
    pub(crate) texts: Texts,
    /// Whether a text has a frame of its own for its start, which waits until it is known that the text is not blank.
    pub(crate) opens_texts: bool,
    /// Whether a reply may not end with thinking.
    pub(crate) continues_thinking: bool,
}

/// Where texts that policies add stand among the tool calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// Before the first, since nothing but tool calls may follow one. Behind a tool call that nobody held there is no
    /// place for them.
    BeforeCallsOnly,
    /// Before the first that was held.
    BeforeCalls,
    /// In the place of the call that they are about, else at the end.
    InPlace,
}

impl Rules {
    /// The part of a reply's id that goes into the ids that the host makes: they are its own in the conversation.
    pub(crate) fn seed(&self, reply_id: &str) -> String {
        let id = reply_id.strip_prefix(self.reply_id).unwrap_or(reply_id);
        let legal = id.chars().filter(char::is_ascii_alphanumeric);
        legal.take(32).collect()
    }
}
