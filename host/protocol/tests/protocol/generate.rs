//! Replies as upstream might send them, and what policies might rule, made at random.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use proptest::{prelude::*, sample::select};
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, ToolCall, Wants};

use crate::{dialect::Dialect, drive::Judge};

/// Stands in the id and the name of each tool call that the agent is to run, and nowhere else.
pub(crate) const MARK: &str = "agent_";

/// A legal reply of upstream's, in both forms.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) stream: String,
    pub(crate) whole: String,
    /// How many replies it has, of which each caller mostly asks for one.
    pub(crate) choices: usize,
}

/// A reply before it is written down in a dialect's words.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) choices: Vec<Vec<Element>>,
    /// Whether the limit of tokens ended it.
    pub(crate) cut: bool,
    pub(crate) dice: Dice,
}

/// What a model says or does. A dialect that has no shape for one writes the nearest or leaves it out.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    Text {
        words: Vec<String>,
        cited: bool,
    },
    Refusal(Vec<String>),
    Thinking(Vec<String>),
    /// A tool that the provider runs, with its arguments in so many pieces.
    Hosted {
        cuts: usize,
    },
    Unknown,
    Call(Call),
}

/// A tool that the agent is to run.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) form: Form,
    pub(crate) command: String,
    /// In how many pieces its arguments come.
    pub(crate) cuts: usize,
}

/// The ways in which APIs word a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Function,
    Custom,
    Shell,
    Legacy,
}

/// Numbers that decide what is free in writing a draft down, taken one after the other and over again.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    numbers: Vec<usize>,
    at: usize,
}

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.at += 1;
        self.numbers[self.at % self.numbers.len()] % sides
    }

    /// One that stays the same.
    pub(crate) fn first(&self) -> usize {
        self.numbers[0]
    }
}

/// Rulings, taken one after the other and over again.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    blocks: Vec<Ruling>,
    pieces: Vec<PieceRuling>,
    added: Vec<String>,
    at: usize,
    by_content: bool,
}

impl Script {
    /// Rules on equal blocks alike, in whichever order they come, and stops nothing.
    pub(crate) fn in_any_order(mut self) -> Self {
        self.by_content = true;
        for ruling in &mut self.blocks {
            if matches!(ruling, Ruling::Stop { .. }) {
                *ruling = Ruling::Keep;
            }
        }
        self
    }
}

impl Judge for Script {
    fn block(&mut self, block: &Block) -> Ruling {
        self.at += 1;
        if self.by_content {
            let mut hasher = DefaultHasher::new();
            format!("{block:?}").hash(&mut hasher);
            self.at = usize::try_from(hasher.finish() >> 40).unwrap();
        }
        let mut ruling = self.blocks[self.at % self.blocks.len()].clone();
        if let (Ruling::Replace(blocks), Block::ToolCall(judged)) = (&mut ruling, block) {
            for block in blocks {
                if let Block::ToolCall(call) = block
                    && call.id == "same"
                {
                    call.id.clone_from(&judged.id);
                }
            }
        }
        ruling
    }

    fn piece(&mut self, _text: &str, _last: bool) -> PieceRuling {
        self.at += 1;
        self.pieces[self.at % self.pieces.len()].clone()
    }

    fn end(&mut self, _stop_reason: &str) -> Vec<String> {
        self.added.clone()
    }
}

/// Any wants.
pub(crate) fn wants() -> impl Strategy<Value = Wants> {
    let pieces = [
        Delivery::None,
        Delivery::Observe,
        Delivery::Whole,
        Delivery::Pieces,
    ];
    let kind = || select(&[Delivery::None, Delivery::Observe, Delivery::Whole][..]);
    (
        select(pieces.to_vec()),
        kind(),
        kind(),
        kind(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(text, thinking, tool_call, other, end, redo)| Wants {
            text,
            thinking,
            tool_call,
            other,
            end,
            redo,
        })
}

/// Any rulings on blocks, pieces and the end.
pub(crate) fn script() -> impl Strategy<Value = Script> {
    let text = || select(vec!["", " \n", "a", "several words"]).prop_map(str::to_owned);
    let call = select(vec!["", "same", "other"]).prop_map(|id| {
        Block::ToolCall(ToolCall {
            id: id.to_owned(),
            name: "made".to_owned(),
            arguments: r#"{"made":"\u00e9"}"#.to_owned(),
        })
    });
    let made = prop_oneof![text().prop_map(Block::Text), call];
    let block = prop_oneof![
        4 => Just(Ruling::Keep),
        4 => prop::collection::vec(made, 0..4).prop_map(Ruling::Replace),
        2 => text().prop_map(|notice| Ruling::Drop { notice }),
        1 => text().prop_map(|notice| Ruling::Stop { notice }),
    ];
    let piece = prop_oneof![
        8 => Just(PieceRuling::Keep),
        8 => text().prop_map(PieceRuling::Send),
        1 => text().prop_map(|notice| PieceRuling::Stop { notice }),
    ];
    let blocks = prop::collection::vec(block, 1..6);
    let pieces = prop::collection::vec(piece, 1..6);
    let added = prop::collection::vec(text(), 0..3);
    (blocks, pieces, added).prop_map(|(blocks, pieces, added)| Script {
        blocks,
        pieces,
        added,
        at: 0,
        by_content: false,
    })
}

/// A legal reply of a dialect.
pub(crate) fn upstream<D: Dialect>() -> impl Strategy<Value = Upstream> {
    draft().prop_filter_map("no content", |draft| D::render(&draft))
}

/// Up to four letters of some text in pieces: what an API sends of a text or a tool's input.
pub(crate) fn pieces(text: &str, count: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters.chunks(letters.len().div_ceil(count).max(1));
    pieces.map(|piece| piece.iter().collect()).collect()
}

fn draft() -> impl Strategy<Value = Draft> {
    let element = prop_oneof![
        2 => (words(), any::<bool>()).prop_map(|(words, cited)| Element::Text { words, cited }),
        1 => words().prop_map(Element::Refusal),
        2 => words().prop_map(Element::Thinking),
        1 => (1..4_usize).prop_map(|cuts| Element::Hosted { cuts }),
        1 => Just(Element::Unknown),
        4 => call().prop_map(Element::Call),
    ];
    let choice = prop::collection::vec(element, 0..7);
    let count = prop_oneof![4 => Just(1), 1 => 2..4_usize];
    let choices = count.prop_flat_map(move |count| prop::collection::vec(choice.clone(), count));
    let numbers = prop::collection::vec(0..60_usize, 1..12);
    (choices, any::<bool>(), numbers).prop_map(|(choices, cut, numbers)| Draft {
        choices,
        cut,
        dice: Dice { numbers, at: 0 },
    })
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-c \n\"é]{0,5}", 0..5).prop_map(|mut words| {
        words.insert(words.len() / 2, "x".to_owned());
        words
    })
}

fn call() -> impl Strategy<Value = Call> {
    let form = prop_oneof![
        6 => Just(Form::Function),
        1 => Just(Form::Custom),
        1 => Just(Form::Shell),
        1 => Just(Form::Legacy),
    ];
    (form, "[a-c \"\\\\é]{0,6}", 1..4_usize).prop_map(|(form, command, cuts)| Call {
        form,
        command,
        cuts,
    })
}
