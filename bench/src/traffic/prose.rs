//! Text like an agent's: code, paths and sentences, with characters that JSON must escape.

const WORDS: [&str; 32] = [
    "fn",
    "let",
    "the",
    "request",
    "self.state",
    "=>",
    "\"src/main.rs\"",
    "returns",
    "Option<Vec<u8>>",
    "{",
    "}",
    "error",
    "a",
    "of",
    "stream",
    "buffer",
    "if",
    "match",
    "is",
    "not",
    "println!(\"{}\", x)",
    "because",
    "tests/e2e.rs:42",
    "cargo",
    "pub",
    "handler",
    "0x1f",
    "and",
    "to",
    "impl",
    "\\n",
    "token",
];

/// Pseudo-random text, the same for the same seed.
pub(super) struct Prose {
    state: u64,
}

impl Prose {
    pub(super) fn new(seed: u64) -> Self {
        // The generator would stay at zero.
        Self { state: seed | 1 }
    }

    /// At least this many bytes of text.
    pub(super) fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 32);
        let mut words = 0;
        while text.len() < bytes {
            text.push_str(self.word());
            words += 1;
            text.push(if words % 11 == 0 { '\n' } else { ' ' });
        }
        text
    }

    /// One word with the space behind it, as models stream them.
    pub(super) fn token(&mut self) -> String {
        format!("{} ", self.word())
    }

    fn word(&mut self) -> &'static str {
        // Xorshift. It only has to give variety.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        WORDS[(self.state % WORDS.len() as u64) as usize]
    }
}
