//! Finds names with words that say nothing here, or mean something else.

use super::Finding;
use super::source::Source;

/// Words that fit anything.
const EMPTY: [&str; 8] = [
    "manager", "service", "util", "utils", "common", "helper", "helpers", "misc",
];
/// Words of the APIs for which this project has its own: block, frame, piece, exchange.
const DIALECT: [&str; 5] = ["chunk", "item", "part", "data", "info"];
/// Folders that use the words of an API, or of its format.
const DIALECT_FOLDERS: [&str; 3] = ["anthropic", "openai", "sse"];
/// Folders that must use this project's words. Elsewhere `item` may belong to the tool at hand.
const HOUSE: [&str; 4] = [
    "host/protocol/",
    "host/engine/",
    "host/server/",
    "policy-sdk/",
];
/// Words that are the name of something else: `service` is a program that commands run.
const NAMESAKES: [(&str, &str); 1] = [("example-policies/block-dangerous-commands/", "service")];

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let at_home = HOUSE.iter().any(|folder| source.path.starts_with(folder));
    let dialect = source.path.split(['/', '.']).any(|part| {
        DIALECT_FOLDERS
            .iter()
            .any(|folder| part.starts_with(folder))
    });
    declared(source)
        .filter_map(|(at, kind, name)| {
            let words = words(name);
            let has = |list: &[&'static str]| {
                list.iter()
                    .copied()
                    .find(|bad| words.iter().any(|word| word == bad))
            };
            let is_type = ["struct", "enum", "trait", "type", "union"].contains(&kind);
            let word =
                has(&EMPTY).or_else(|| has(&DIALECT).filter(|_| is_type && at_home && !dialect))?;
            let is_namesake = |(folder, namesake): &(&str, &str)| {
                source.path.starts_with(folder) && *namesake == word
            };
            if NAMESAKES.iter().any(is_namesake) {
                return None;
            }
            let what = format!("`{kind} {name}`: `{word}` is not a word of this house");
            Some(Finding::new(&source.path, source.line(at), what))
        })
        .collect()
}

/// The items that the file declares: position, keyword and name.
fn declared(source: &Source) -> impl Iterator<Item = (usize, &str, &str)> {
    const KEYWORDS: [&str; 9] = [
        "struct", "enum", "trait", "type", "union", "fn", "mod", "const", "static",
    ];
    let words: Vec<_> = source.words().collect();
    let pairs: Vec<_> = words.windows(2).map(|pair| (pair[0], pair[1])).collect();
    // The trait names an associated type, and mostly it is a foreign one: `type Item` of an
    // iterator, `type Data` of a body.
    let foreign = |kind: &str, name: &str| kind == "type" && matches!(name, "Item" | "Data");
    pairs
        .into_iter()
        .filter(move |((_, kind), (_, name))| KEYWORDS.contains(kind) && !foreign(kind, name))
        .map(|((at, kind), (_, name))| (at, kind, name))
}

/// Splits a name: `PolicyManager` and `policy_manager` both give `policy`, `manager`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase();
        if c != '_' {
            words
                .last_mut()
                .expect("there is always one")
                .extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(path.to_owned(), text.to_owned());
        check(&source)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert_eq!(
            found("xtask/src/a.rs", "pub struct PolicyManager;"),
            ["`struct PolicyManager`: `manager` is not a word of this house"]
        );
        assert_eq!(
            found(
                "host/server/src/a.rs",
                "mod string_utils {}\nfn common_part() {}"
            )
            .len(),
            2
        );
        assert_eq!(
            found(
                "a.rs",
                "struct Managed; // manager\nlet x = Manager::new();"
            ),
            [""; 0]
        );
    }

    #[test]
    fn words_of_an_api_stay_in_its_folder() {
        assert_eq!(
            found("host/engine/src/a.rs", "struct Chunk; enum ErrorInfo {}").len(),
            2
        );
        assert_eq!(
            found("host/protocol/src/openai_chat/a.rs", "struct Chunk;"),
            [""; 0]
        );
        assert_eq!(
            found("host/protocol/src/openai_chat.rs", "struct Chunk;"),
            [""; 0]
        );
        assert_eq!(
            found("host/engine/src/a.rs", "type Item = u8; struct Partial;"),
            [""; 0]
        );
    }
}
