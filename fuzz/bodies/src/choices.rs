//! The choices of a fuzzer, besides the bytes of a request or reply.

use sluice_protocol::{Delivery, Wants};

/// An endless sequence of choices: the bytes again and again, changed each time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    /// Splits the fuzzer's bytes: what goes over the wire, and behind the first NUL the choices.
    pub(crate) fn split(data: &'a [u8]) -> (&'a [u8], Self) {
        let nul = data.iter().position(|byte| *byte == 0);
        let wire = data.split_at(nul.unwrap_or(data.len()));
        let bytes = wire.1.get(1..).unwrap_or_default();
        (wire.0, Self { bytes, at: 0 })
    }

    /// A number below `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let turn = self.at / self.bytes.len().max(1);
        let byte = self.bytes.get(self.at % self.bytes.len().max(1));
        self.at += 1;
        (byte.map_or(0, |byte| usize::from(*byte)) + turn) % count
    }

    /// One of these. `all` must not be empty.
    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// What policies want to see.
    pub(crate) fn wants(&mut self) -> Wants {
        const ALL: [Delivery; 4] = [
            Delivery::Whole,
            Delivery::Pieces,
            Delivery::Observe,
            Delivery::None,
        ];
        Wants {
            text: self.of(&ALL),
            thinking: self.of(&ALL),
            tool_call: self.of(&ALL),
            other: self.of(&ALL),
            end: self.of(&[true, false]),
            redo: false,
        }
    }

    /// A text of a policy.
    pub(crate) fn text(&mut self) -> String {
        let texts = [
            "made",
            "",
            " \n",
            "two \"words\"\u{2028}\u{e9}",
            "\n\ndata: x",
        ];
        self.of(&texts).to_owned()
    }
}
