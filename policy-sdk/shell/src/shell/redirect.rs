//! Redirections: where a command reads from and writes to.

use rable::{Node, NodeKind};

use super::Shell;
use super::expand::{Document, Word};
use super::substitute::Process;
use crate::halt::{Halt, Outcome};
use crate::marks::{self, DOCUMENT};
use crate::path::Path;
use crate::writes::{Way, Write};

/// Where a command reads from and writes to.
#[derive(Default)]
pub(super) struct Ends {
    /// Its standard input, if that is redirected.
    pub(super) stdin: Option<String>,
    writes: Vec<Opened>,
}

/// A file that a redirection opens for writing.
struct Opened {
    target: String,
    path: Path,
    way: Way,
    /// Whether the command's output goes there, and not just its errors.
    takes_output: bool,
}

impl Ends {
    /// Follows redirections, before the command that they belong to.
    pub(super) fn open(redirects: &[Node], shell: &mut Shell<'_>) -> Outcome<Self> {
        let mut ends = Self::default();
        for redirect in redirects {
            match &redirect.kind {
                NodeKind::HereDoc {
                    content, quoted, ..
                } => {
                    ends.stdin = Some(Self::read_document(content, *quoted, shell)?);
                }
                NodeKind::Redirect { op, target, fd, .. } => {
                    if let NodeKind::Word { value, .. } = &target.kind {
                        ends.redirect(op, *fd, value, shell)?;
                    }
                }
                _ => {}
            }
        }
        Ok(ends)
    }

    fn read_document(content: &str, is_quoted: bool, shell: &mut Shell<'_>) -> Outcome<String> {
        if shell.documents.get(content).is_some() {
            return Ok(content.to_owned());
        }
        if content.contains(DOCUMENT) {
            return Err(Halt::Mistaken);
        }
        if is_quoted {
            return Ok(content.to_owned());
        }
        Document(content).text(shell)
    }

    fn redirect(&mut self, op: &str, fd: i32, target: &str, shell: &mut Shell<'_>) -> Outcome<()> {
        if op == "<<<" {
            self.stdin = Some(Word(target).text(shell)?);
            return Ok(());
        }
        for target in Word(target).fields(shell)? {
            if op.starts_with('<') && op != "<>" {
                let text = shell.scene.file(&target);
                self.stdin = Some(text.map_or_else(marks::unknown, str::to_owned));
                continue;
            }
            let is_descriptor =
                op.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-');
            if is_descriptor {
                continue;
            }
            let is_added = op.ends_with(">>");
            self.writes.push(Opened {
                path: shell.scene.path(&target),
                target,
                way: if is_added { Way::Append } else { Way::Replace },
                takes_output: matches!(fd, -1 | 1),
            });
        }
        Ok(())
    }

    /// Writes a command's output to where it is redirected, and returns what is left to print.
    pub(super) fn write(&self, output: String, shell: &mut Shell<'_>) -> Outcome<String> {
        let mut is_taken = false;
        let document = shell.documents.get(&output);
        let whole = document.as_deref().unwrap_or(&output);
        for opened in &self.writes {
            let content = opened.takes_output.then_some(whole);
            let write = Write {
                argv: &[">".to_owned(), opened.target.clone()],
                target: &opened.target,
                path: &opened.path,
                content: content.filter(|content| *content != marks::unknown()),
                way: opened.way,
            };
            shell.sink.writes(&shell.scene, &write)?;
            if opened.takes_output {
                is_taken = true;
                let is_added = opened.way == Way::Append;
                let text = document.clone().unwrap_or_else(|| output.as_str().into());
                Process::fed_by(&opened.path, &text, shell)?;
                shell.scene.store(&opened.path, text, is_added);
            }
        }
        Ok(if is_taken { String::new() } else { output })
    }
}
