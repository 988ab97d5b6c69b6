//! Redirections: where a command reads from and writes to.

use std::rc::Rc;

use rable::{Node, NodeKind};

use super::Shell;
use crate::finding::Outcome;
use crate::{marks, rules};

/// Where a command reads from and writes to.
#[derive(Default)]
pub(crate) struct Ends {
    /// What it reads, where that is redirected.
    pub(crate) stdin: Option<String>,
    /// The files that its output goes to, and whether it is added to them.
    outputs: Vec<(String, bool)>,
}

impl Shell<'_> {
    /// Follows redirections, and judges the files that they overwrite.
    pub(crate) fn redirect(&mut self, redirects: &[Node]) -> Outcome<Ends> {
        let mut ends = Ends::default();
        for redirect in redirects {
            match &redirect.kind {
                NodeKind::HereDoc {
                    content, quoted, ..
                } => {
                    let text = if *quoted {
                        content.clone()
                    } else {
                        self.document(content)?
                    };
                    ends.stdin = Some(text);
                }
                NodeKind::Redirect { op, target, fd, .. } => {
                    if let NodeKind::Word { value, .. } = &target.kind {
                        self.redirect_one(op, *fd, value, &mut ends)?;
                    }
                }
                _ => {}
            }
        }
        Ok(ends)
    }

    fn redirect_one(&mut self, op: &str, fd: i32, target: &str, ends: &mut Ends) -> Outcome<()> {
        if op == "<<<" {
            ends.stdin = Some(self.text(target)?);
            return Ok(());
        }
        for target in self.expand(target)? {
            if op.starts_with('<') && op != "<>" {
                let text = self.file(&target).cloned().unwrap_or_else(marks::unknown);
                ends.stdin = Some(text);
                continue;
            }
            let is_descriptor =
                op.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-');
            if is_descriptor {
                continue;
            }
            rules::written(&target, op.ends_with(">>"), self)?;
            if matches!(fd, -1 | 1) {
                ends.outputs.push((target, op.ends_with(">>")));
            }
        }
        Ok(())
    }

    /// Puts a command's output where it is redirected to, and gives what is left to print.
    pub(crate) fn write(&mut self, ends: &Ends, output: String) -> String {
        if ends.outputs.is_empty() {
            return output;
        }
        for (target, is_added) in &ends.outputs {
            self.store(target, &output, *is_added);
        }
        String::new()
    }

    /// Remembers the text of a file.
    pub(crate) fn store(&mut self, target: &str, text: &str, is_added: bool) {
        let path = self.path(target).text();
        let file = Rc::make_mut(&mut self.files).entry(path).or_default();
        if !is_added {
            file.clear();
        }
        super::walk::append(file, text);
    }
}
