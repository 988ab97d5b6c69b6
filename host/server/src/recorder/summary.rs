//! Summaries in which agents go on with a conversation.
//!
//! An agent that compacts a conversation asks the model for a summary, and begins anew with the model's words within its
//! own. Nobody tells where the reply begins and ends. But it has lines of its own, or stands in tags, so there are few places
//! where it can.

use std::borrow::Cow;

use bytes::Bytes;
use sluice_protocol::Block;
use sluice_store::{Repeated, ReplyBlock};

use super::repeated::SHORTEST;

/// Summaries are shorter.
const LONGEST: usize = 64 << 10;
/// How many lines are tried as the first of the reply, and how many as the last.
const LINES: (usize, usize) = (4, 4);
/// How much of a text's beginning and end is looked at for words that say what it is.
const SEEN: usize = 2048;
/// Words with which agents introduce what was before.
const INTRODUCES: [&str; 7] = [
    "summary",
    "summarized",
    "compacted",
    "condensed",
    "state_snapshot",
    "spoke to you previously",
    "additional context",
];
/// Words with which they ask for it.
const ASKS: [&str; 5] = ["summar", "compact", "condens", "state_snapshot", "handoff"];

/// Whether a text asks the model to sum up the conversation.
pub(super) fn is_asked_for(text: &str) -> bool {
    has_one(&ASKS, text)
}

/// The parts of a text that may be the reply with which the model summed up a conversation. `next` is what stands behind the
/// text. None if neither says that there is such a thing.
pub(super) fn candidates(text: &str, next: Option<&Block>) -> Vec<Repeated> {
    if !(SHORTEST..=LONGEST).contains(&text.len()) {
        return Vec::new();
    }
    let goes_on = match next {
        Some(Block::Text(next)) => has_one(&INTRODUCES, next),
        _ => false,
    };
    if !goes_on && !has_one(&INTRODUCES, text) {
        return Vec::new();
    }
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let (starts, ends) = (starts(text), ends(text));
    let ranges = starts
        .iter()
        .flat_map(|start| ends.iter().map(move |end| *start..*end))
        .filter(|range| range.end >= range.start + SHORTEST);
    let candidate = |range| Repeated {
        block: ReplyBlock {
            kind: Cow::Borrowed("text"),
            content: bytes.slice(range),
            ..ReplyBlock::default()
        },
        is_summary: true,
    };
    ranges.map(candidate).collect()
}

/// Where a reply may begin: with a line, or behind the words or the tag that introduce it there.
fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    for (at, line) in lines(text).take(LINES.0) {
        let inner = [": ", ">"].map(|mark| line.find(mark).map(|found| at + found + mark.len()));
        starts.push(at);
        starts.extend(inner.into_iter().flatten());
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// Where it may end: with a line, or before the tag that closes it there. The end of the line may be part of it.
fn ends(text: &str) -> Vec<usize> {
    let mut ends = vec![text.len()];
    let last: Vec<_> = lines(text).collect();
    for (at, line) in last.into_iter().rev().take(LINES.1) {
        let end = at + line.trim_end().len();
        ends.push(end);
        ends.extend(text[end..].starts_with('\n').then_some(end + 1));
        ends.extend(line.rfind("</").map(|found| at + found));
    }
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// The lines in which something stands, each with its place.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let placed = text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    });
    placed.filter(|(_, line)| !line.trim().is_empty())
}

/// Whether the beginning or the end of a text has one of these words.
fn has_one(words: &[&str], text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(SEEN)];
    let tail = &text[text.floor_char_boundary(text.len().saturating_sub(SEEN))..];
    [head, tail].into_iter().any(|part| {
        let part = part.to_ascii_lowercase();
        words.iter().any(|word| part.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str, next: Option<&Block>) -> Vec<String> {
        let parts = candidates(text, next).into_iter();
        let text = |part: Repeated| String::from_utf8(part.block.content.to_vec());
        parts.map(|part| text(part).unwrap()).collect()
    }

    #[test]
    fn a_summary_is_found_where_agents_put_it() {
        let summary = "The parser was read.\n\n- It is slow.\n".repeat(12);
        let summary = summary.trim_end();
        for text in [
            format!("A summary:\n{summary}"),
            format!("A summary: {summary}"),
            format!("It was summarized.\n\n{summary}\n\nGo on.\n"),
            format!("<summary>{summary}</summary>"),
            format!("You are told a summary.\n<context>\n{summary}\n</context>\nGo on."),
        ] {
            assert!(found(&text, None).contains(&summary.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_text_is_a_summary_if_it_or_what_follows_says_so() {
        let text = "The parser was read. ".repeat(12);
        let says = Block::Text("What is said above is a summary.".to_owned());
        let says_not = Block::Text("Go on.".to_owned());
        assert!(found(&text, None).is_empty());
        assert!(found(&text, Some(&says_not)).is_empty());
        assert!(found(&text, Some(&says)).contains(&text));
        assert!(found("A short summary.", None).is_empty());
        let too_long = format!("A summary: {}", "x".repeat(LONGEST));
        assert!(found(&too_long, None).is_empty());
    }

    /// Lines that may look like those of a summary.
    fn lines() -> impl Strategy<Value = String> {
        vec("[a-zäöü<>/: ]{0,30}", 0..3).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn whatever_stands_around_a_summary_it_is_found(
            before in lines(),
            summary in "[a-z][a-zäöü\n ]{250,600}[a-z]",
            behind in lines(),
        ) {
            let text = format!("{before}\n{summary}\n{behind}\nsummary");
            prop_assert!(found(&text, None).contains(&summary), "{text}");
        }

        #[test]
        fn any_text_has_few_parts_of_its_own(text in "(summary)?[ -~äöü\n]{0,600}") {
            let parts = found(&text, None);
            prop_assert!(parts.len() <= 256, "{}", parts.len());
            for part in parts {
                prop_assert!(part.len() >= SHORTEST && text.contains(&part));
            }
        }
    }
}
