//! Checks what must be true of every file.

use super::Finding;
use super::source::Source;

/// A longer file probably contains a second idea.
const LINES: usize = 400;
/// A file with one of these names has no single idea.
const NAMELESS: [&str; 6] = ["util", "utils", "common", "helper", "helpers", "misc"];

/// Checks any text file.
pub(super) fn check_text(path: &str, text: &str) -> Vec<Finding> {
    let machine = |line: &str| {
        // Written in two parts, so that this file passes its own test.
        ["/wor", "/roo"]
            .iter()
            .zip(["k/", "t/"])
            .find_map(|(head, tail)| {
                let folder = format!("{head}{tail}");
                let at = line.find(&folder)?;
                // `https://host/work/` is not a path of this machine.
                let before = line[..at].chars().next_back();
                let absolute =
                    !before.is_some_and(|c| c.is_alphanumeric() || "./_-~*}".contains(c));
                absolute.then_some(folder)
            })
    };
    text.lines()
        .enumerate()
        .filter_map(|(line, text)| Some((line + 1, machine(text)?)))
        .map(|(line, folder)| {
            Finding::new(
                path,
                line,
                format!("names a folder of one machine, {folder}"),
            )
        })
        .collect()
}

/// Checks a Rust file.
pub(super) fn check_source(source: &Source) -> Vec<Finding> {
    let path = &source.path;
    let mut findings = Vec::new();
    let mut find = |line, what: String| findings.push(Finding::new(path, line, what));

    if !opens_with_doc(&source.text) {
        find(
            1,
            "does not open with `//!`, why the file exists".to_owned(),
        );
    }
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs");
    let lines = source.lines_before_tests();
    if lines > LINES && name != "tests" {
        find(
            0,
            format!("has {lines} lines before its tests, {LINES} are the most"),
        );
    }
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs");
    if name == "mod" {
        find(
            0,
            "is a `mod.rs`: name it after its module, beside the folder".to_owned(),
        );
    }
    if NAMELESS.contains(&name) {
        find(0, format!("`{name}` says nothing of what is in it"));
    }
    for (wrong, why) in [
        (concat!("todo", "!("), "is not finished"),
        (concat!("#[ig", "nore"), "is a test that does not run"),
    ] {
        for (at, _) in source.code.match_indices(wrong) {
            find(source.line(at), format!("`{wrong}` {why}"));
        }
    }
    findings
}

/// Attributes of the file, such as lints of a tests file, may come before its first sentence.
fn opens_with_doc(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .find(|line| !line.starts_with("#!["))
        .is_some_and(|line| line.starts_with("//!"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(path.to_owned(), text.to_owned());
        check_source(&source)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_file_without_its_reason_is_found() {
        assert_eq!(found("a.rs", "//! Why.\n"), [""; 0]);
        assert_eq!(found("a.rs", "#![expect(x)]\n//! Why.\n"), [""; 0]);
        assert_eq!(
            found("a.rs", "use b;\n"),
            ["a.rs:1: does not open with `//!`, why the file exists"]
        );
    }

    #[test]
    fn a_file_that_is_too_long_is_found_but_tests_do_not_count() {
        let body = "//! Why.\n".to_owned() + &"fn f() {}\n".repeat(LINES);
        assert_eq!(
            found("a.rs", &body),
            ["a.rs: has 401 lines before its tests, 400 are the most"]
        );
        let tests = format!("//! Why.\n#[cfg(test)]\nmod tests {{\n{body}}}\n");
        assert_eq!(found("a.rs", &tests), [""; 0]);
        assert_eq!(found("a/tests.rs", &body), [""; 0]);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert_eq!(found("x/mod.rs", "//! Why.\n").len(), 1);
        assert_eq!(
            found("x/util.rs", "//! Why.\n"),
            ["x/util.rs: `util` says nothing of what is in it"]
        );
    }

    #[test]
    fn unfinished_code_is_found_but_not_words_about_it() {
        let unfinished = concat!("//! Why.\nfn f() { todo", "!() }\n#[ig", "nore]\n");
        assert_eq!(found("a.rs", unfinished).len(), 2);
        assert_eq!(
            found("a.rs", concat!("//! No todo", "!() here.\n")),
            [""; 0]
        );
    }

    #[test]
    fn folders_of_one_machine_are_found() {
        let bad = concat!("x\nsee /ro", "ot/.cargo and /wo", "rk/main\n");
        let found = check_text("a.md", bad);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        assert!(
            check_text("a.md", concat!("~/wo", "rk/x and https://a.b/wo", "rk/x\n")).is_empty()
        );
    }
}
