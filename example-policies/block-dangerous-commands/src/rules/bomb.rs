//! Fork bombs: functions and scripts that start themselves more than once.

use sluice_policy_shell::Function;

use crate::finding::Finding;

/// Judges the definition of a function.
pub(super) fn judge(function: &Function<'_>) -> Option<Finding> {
    let is_bomb = function.starts_apart > 0 && function.starts > 1;
    is_bomb.then(|| finding(&[function.name.to_owned()]))
}

/// Judges a possible definition in a text that does not parse: `:(){:|:&};:` is often written
/// without the spaces it needs.
pub(super) fn in_text(name: &str, body: &str) -> Option<Finding> {
    let packed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let is_bomb = !name.is_empty() && packed.starts_with(&format!("{name}|{name}&"));
    is_bomb.then(|| finding(&[name.to_owned()]))
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
