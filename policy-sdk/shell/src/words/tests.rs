//! What is left out of a text, and what is not.

use super::bytes::{comment, definition, redirection};

#[test]
fn a_comment_is_left_out_unless_something_in_it_may_run() {
    for (text, length) in [
        ("# rm -rf x\nls", 10),
        ("#\nls", 1),
        ("# it's\nls", 1),
        ("# $(rm x)\n", 1),
        ("#\"; rm\n", 1),
    ] {
        assert_eq!(comment(text), length, "{text}");
    }
}

#[test]
fn redirections_are_told_from_arrows() {
    let target = |text: &'static str| {
        let at = text.find('>')?;
        redirection(text, at).map(|found| (found.target, found.is_added))
    };
    assert_eq!(target("a > b c"), Some(("b", false)));
    assert_eq!(target("a >>~/b;"), Some(("~/b", true)));
    assert_eq!(target("a >| b"), Some(("b", false)));
    assert_eq!(target("a &> b"), Some(("b", false)));
    for text in [
        "a -> b",
        "a => b",
        "a 2>&1",
        "a >&-",
        "a > /dev/null",
        "a >",
    ] {
        assert_eq!(target(text), None, "{text}");
    }
}

#[test]
fn definitions_that_pipe_are_seen() {
    for text in [
        ":(){:|:&};:",
        ": ( ) { : | : & }",
        "bomb() { bomb | bomb & }",
    ] {
        assert!(
            definition(text, text.find('(').unwrap()).is_some(),
            "{text}"
        );
    }
    for text in ["f() { ls; }", "f(x) { a | b }", "f()"] {
        assert!(
            definition(text, text.find('(').unwrap()).is_none(),
            "{text}"
        );
    }
}
