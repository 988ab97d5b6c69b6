//! Sets the long here-documents of a text aside. Agents write whole files with them, and parsing
//! those would cost more than all the rest.
//!
//! In the text that is parsed, a mark stands for each of them. If the parser finds the mark as a
//! here-document, it was one. If it finds the mark elsewhere, as in a word or a comment that looked
//! like an opener, it was a mistake, and the text is followed by its words.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use crate::marks::DOCUMENT;

/// Texts up to this length are left alone.
const SHORT: usize = 4 * 1024;
/// Here-documents up to this length are left alone too.
const SHORT_DOCUMENT: usize = 1024;
/// The longest text that may come of putting here-documents back.
const LONGEST: usize = 16 * 1024 * 1024;

/// The here-documents that were set aside, for all shells of a command.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents(Rc<RefCell<Vec<Rc<str>>>>);

impl Documents {
    /// Returns the text with marks in place of its long here-documents.
    pub(super) fn set_aside<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if text.len() <= SHORT {
            return Cow::Borrowed(text);
        }
        let mut kept = String::new();
        let mut from = 0;
        let mut at = 0;
        while let Some(found) = text[at..].find('<').map(|found| at + found) {
            if !text[found..].starts_with("<<") {
                at = found + 1;
                continue;
            }
            let begin = text[at..found].rfind('\n').map_or(at, |end| at + end + 1);
            let Some(end) = text[found..].find('\n').map(|end| found + end + 1) else {
                break;
            };
            at = end;
            let Some(opener) = Opener::read(&text[begin..end]) else {
                continue;
            };
            let Some(close) = opener.close(&text[end..]).map(|close| end + close) else {
                // The rest of the text is in it, and nothing there may be an opener.
                break;
            };
            if opener.is_literal(&text[end..close]) && close - end > SHORT_DOCUMENT {
                kept.push_str(&text[from..end]);
                kept.push_str(&self.keep(&text[end..close]));
                from = close;
            }
            at = close;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        kept.push_str(&text[from..]);
        Cow::Owned(kept)
    }

    /// Keeps a here-document, and returns the line that stands for it.
    fn keep(&self, text: &str) -> String {
        let mut documents = self.0.borrow_mut();
        documents.push(text.into());
        format!("{DOCUMENT}{}{DOCUMENT}\n", documents.len() - 1)
    }

    /// Returns the here-document if this text is its mark and nothing else.
    pub(super) fn get(&self, text: &str) -> Option<Rc<str>> {
        let rest = text.strip_prefix(DOCUMENT)?;
        let (index, rest) = rest.split_once(DOCUMENT)?;
        let documents = self.0.borrow();
        let document = documents.get(index.parse::<usize>().ok()?)?;
        matches!(rest, "" | "\n").then(|| Rc::clone(document))
    }

    /// Returns the text with here-documents in place of their marks.
    pub(super) fn put_back<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.0.borrow().is_empty() || !text.contains(DOCUMENT) {
            return Cow::Borrowed(text);
        }
        let mut whole = String::new();
        for (at, part) in text.split(DOCUMENT).enumerate() {
            let index = part.parse::<usize>().ok().filter(|_| at % 2 == 1);
            let documents = self.0.borrow();
            match index.and_then(|index| documents.get(index)) {
                Some(document) if whole.len() + document.len() < LONGEST => {
                    whole.push_str(document.trim_end_matches('\n'));
                }
                _ => whole.push_str(part),
            }
        }
        Cow::Owned(whole)
    }
}

/// A line that begins a here-document.
struct Opener<'t> {
    delimiter: &'t str,
    is_indented: bool,
    is_quoted: bool,
}

impl<'t> Opener<'t> {
    /// Reads a line with exactly one `<<`. Returns `None` for every other line.
    fn read(line: &'t str) -> Option<Self> {
        let (before, behind) = line.split_once("<<")?;
        if behind.contains("<<") || behind.starts_with('<') || before.trim_start().starts_with('#')
        {
            return None;
        }
        let is_indented = behind.starts_with('-');
        let behind = behind[usize::from(is_indented)..].trim_start_matches([' ', '\t']);
        let quote = behind.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let delimiter = match quote {
            Some(quote) => behind[1..].split(quote).next()?,
            None => {
                let word = behind.trim_start_matches('\\');
                let end = word.find(|c: char| !c.is_alphanumeric() && c != '_');
                &word[..end.unwrap_or(word.len())]
            }
        };
        (!delimiter.is_empty()).then_some(Self {
            delimiter,
            is_indented,
            is_quoted: quote.is_some() || behind.starts_with('\\'),
        })
    }

    /// Returns where the line of the delimiter begins.
    fn close(&self, text: &str) -> Option<usize> {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            let bare = if self.is_indented {
                bare.trim_start_matches('\t')
            } else {
                bare
            };
            if bare == self.delimiter {
                return Some(at);
            }
            at += line.len();
        }
        None
    }

    /// Whether nothing in the here-document is expanded or run.
    fn is_literal(&self, text: &str) -> bool {
        self.is_quoted || !text.contains('`') && !text.contains("$(") && !text.contains("\\\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str, behind: &str) -> String {
        format!("{line}\n{}END\n{behind}", "rm -rf src\n".repeat(500))
    }

    #[test]
    fn long_documents_are_set_aside_and_put_back() {
        for line in [
            "cat > a.txt <<'END'",
            "cat <<\"END\" >> a.txt",
            "bash <<END",
            "x=$(cat <<\\END",
            "mkdir -p x && cat > x/a.txt << 'END' | tee y",
        ] {
            let documents = Documents::default();
            let text = text(line, "ls\n");
            let short = documents.set_aside(&text);
            assert_eq!(short, format!("{line}\n{DOCUMENT}0{DOCUMENT}\nEND\nls\n"));
            assert_eq!(documents.put_back(&short), text);
            let body = documents.get(&format!("{DOCUMENT}0{DOCUMENT}\n"));
            assert_eq!(body.as_deref(), Some(&*"rm -rf src\n".repeat(500)));
        }
    }

    #[test]
    fn what_may_be_no_document_is_left_alone() {
        for line in [
            "ls # <<<'END'",
            "# cat <<'END'",
            "a <<X <<'END'",
            "cat <<''",
        ] {
            let text = text(line, "ls\n");
            assert_eq!(Documents::default().set_aside(&text), text, "{line}");
        }
        let unclosed = "cat <<'X'\n".repeat(1_000);
        assert_eq!(Documents::default().set_aside(&unclosed), unclosed);
        let running = text("cat <<END", "").replace("src", "$(pwd)");
        assert_eq!(Documents::default().set_aside(&running), running);
    }
}
