//! How the names of PowerShell's cmdlets are written.

/// The verbs with which cmdlets' names begin.
const VERBS: &[&str] = &[
    "add",
    "clear",
    "compare",
    "complete",
    "compress",
    "convert",
    "convertfrom",
    "convertto",
    "copy",
    "debug",
    "disable",
    "dismount",
    "enable",
    "enter",
    "exit",
    "expand",
    "export",
    "find",
    "foreach",
    "format",
    "get",
    "group",
    "import",
    "initialize",
    "install",
    "invoke",
    "join",
    "limit",
    "lock",
    "measure",
    "merge",
    "mount",
    "move",
    "new",
    "optimize",
    "out",
    "ping",
    "pop",
    "push",
    "read",
    "receive",
    "register",
    "remove",
    "rename",
    "repair",
    "reset",
    "resize",
    "resolve",
    "restart",
    "restore",
    "resume",
    "save",
    "select",
    "send",
    "set",
    "show",
    "sort",
    "split",
    "start",
    "stop",
    "suspend",
    "switch",
    "sync",
    "tee",
    "test",
    "trace",
    "unblock",
    "undo",
    "uninstall",
    "unlock",
    "unregister",
    "update",
    "use",
    "wait",
    "watch",
    "where",
    "write",
];

/// Whether the name looks like a cmdlet's: a verb and a noun.
pub(crate) fn is_cmdlet(name: &str) -> bool {
    name.split_once('-').is_some_and(|(verb, noun)| {
        VERBS.contains(&verb)
            && noun.starts_with(|c: char| c.is_ascii_lowercase())
            && noun.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_and_a_noun_make_a_cmdlet() {
        assert!(is_cmdlet("remove-item") && is_cmdlet("get-childitem"));
        for name in [
            "git-lfs",
            "apt-get",
            "x-y",
            "remove-",
            "docker-compose",
            "start-",
        ] {
            assert!(!is_cmdlet(name), "{name}");
        }
    }
}
