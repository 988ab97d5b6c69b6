//! Fork bombs: functions and scripts that start themselves twice over.

use rable::{ListOperator, Node, NodeKind};

use crate::finding::Finding;

/// Judges the definition of a function.
pub(super) fn judge(name: &str, body: &Node) -> Option<Finding> {
    let mut starts = Starts::default();
    starts.count(name, body, 0);
    let is_bomb = starts.apart > 0 && starts.all > 1;
    is_bomb.then(|| finding(&[name.to_owned()]))
}

/// Judges a text that does not parse: `:(){:|:&};:` is often written without the spaces it needs.
pub(super) fn in_text(text: &str) -> Option<Finding> {
    if !text.contains('(') || !text.contains('|') {
        return None;
    }
    let packed: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(4_096)
        .collect();
    packed.match_indices("(){").find_map(|(at, _)| {
        let name = packed[..at]
            .rsplit([';', '&', '|', '(', ')', '{', '}', '"', '\''])
            .next()?;
        let is_bomb = !name.is_empty() && packed[at + 3..].starts_with(&format!("{name}|{name}&"));
        is_bomb.then(|| finding(&[name.to_owned()]))
    })
}

/// Judges a script of another language.
pub(super) fn in_script(text: &str) -> Option<Finding> {
    if !text.contains("fork") && !text.contains("$0") {
        return None;
    }
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let loops = [
        "forkwhile",
        "forkuntil",
        "while(1){fork",
        "while1:os.fork()",
        "whileTrue:os.fork()",
        "while(True):os.fork()",
        "while(true){fork",
        "loop{fork",
        "loopdofork",
        "while(1){system($0",
    ];
    loops
        .iter()
        .any(|text| packed.contains(text))
        .then(|| finding(&["fork".to_owned()]))
}

fn finding(argv: &[String]) -> Finding {
    let message = "This is a fork bomb: it starts itself over and over until nothing else can run.";
    Finding::new("system.fork-bomb", message.to_owned(), argv)
}

/// How often a function starts itself.
#[derive(Default)]
struct Starts {
    all: usize,
    /// In a pipe or in the background, so without waiting for the end.
    apart: usize,
}

impl Starts {
    fn count(&mut self, name: &str, node: &Node, depth: usize) {
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return;
        }
        match &node.kind {
            NodeKind::Command { words, .. } => {
                let first = words.first().map(|word| &word.kind);
                let is_self = matches!(first, Some(NodeKind::Word { value, .. }) if value == name);
                self.all += usize::from(is_self);
            }
            NodeKind::Pipeline { commands, .. } => {
                let before = self.all;
                commands
                    .iter()
                    .for_each(|command| self.count(name, command, depth + 1));
                self.apart += self.all - before;
            }
            NodeKind::List { items } => {
                for item in items {
                    let before = self.all;
                    self.count(name, &item.command, depth + 1);
                    if item.operator == Some(ListOperator::Background) {
                        self.apart += self.all - before;
                    }
                }
            }
            NodeKind::BraceGroup { body, .. }
            | NodeKind::Subshell { body, .. }
            | NodeKind::While { body, .. }
            | NodeKind::Until { body, .. } => self.count(name, body, depth + 1),
            _ => {}
        }
    }
}
