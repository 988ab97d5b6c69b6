//! Follows `find`: what it lists, what it deletes, what it runs.

use super::{Shell, fan};
use crate::halt::Outcome;
use crate::marks;

/// Tests that take a value, other than those on names.
const VALUED: &[&str] = &[
    "-type",
    "-xtype",
    "-mindepth",
    "-mtime",
    "-mmin",
    "-atime",
    "-amin",
    "-ctime",
    "-cmin",
    "-newer",
    "-size",
    "-user",
    "-group",
    "-perm",
    "-links",
    "-inum",
    "-fstype",
    "-samefile",
    "-newermt",
    "-printf",
    "-fprint",
    "-lname",
    "-uid",
    "-gid",
];

const NAMING: &[&str] = &[
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-regex",
    "-iregex",
];

/// A `find` command, as far as its words tell.
#[derive(Default)]
struct Find {
    roots: Vec<String>,
    /// The name patterns that narrow the result, each as a path below a root.
    names: Vec<String>,
    /// Whether the result may have any name.
    is_wide: bool,
    is_empty_only: bool,
    /// Whether it does not descend below the roots.
    is_flat: bool,
    deletes: bool,
    commands: Vec<(Vec<String>, bool)>,
}

/// Follows a `find`, and returns what it prints.
pub(super) fn follow(shell: &mut Shell<'_>, argv: &[String]) -> Outcome<String> {
    let find = Find::read(&argv[1..]);
    let found = find.found();
    if find.deletes && !find.is_empty_only && !find.is_flat {
        shell.sink.deletes(&shell.scene, argv, &found)?;
    }
    for (command, is_in_folder) in &find.commands {
        shell.apart(|shell| {
            if *is_in_folder {
                let folder = shell.scene.path(&find.roots[0]).join("**");
                shell.scene.set_folder(folder);
            }
            fan::run_with(shell, command, &found, Some("{}"))
        })?;
    }
    Ok(found.join("\n"))
}

impl Find {
    fn read(arguments: &[String]) -> Self {
        let mut find = Self::default();
        let mut at = 0;
        let is_root =
            |word: &String| !word.starts_with('-') && !matches!(word.as_str(), "(" | ")" | "!");
        while let Some(word) = arguments.get(at) {
            match word.as_str() {
                "-H" | "-L" | "-P" => {}
                _ if is_root(word) => find.roots.push(word.clone()),
                _ => break,
            }
            at += 1;
        }
        if find.roots.is_empty() {
            find.roots.push(".".to_owned());
        }
        find.read_expression(&arguments[at..]);
        find
    }

    fn read_expression(&mut self, words: &[String]) {
        let mut at = 0;
        let mut is_negated = false;
        // An alternative without a name pattern makes the whole result wide.
        let mut alternative: Option<String> = None;
        let mut is_pruned = false;
        while let Some(word) = words.get(at) {
            at += 1;
            match word.as_str() {
                "!" | "-not" => {
                    is_negated = true;
                    continue;
                }
                naming if NAMING.contains(&naming) => {
                    let value = words.get(at).map_or("*", String::as_str);
                    if !is_negated {
                        alternative = Some(below(naming, value));
                    }
                    at += 1;
                }
                "-o" | "-or" => {
                    self.end(&mut alternative, is_pruned);
                    is_pruned = false;
                }
                "-prune" => is_pruned = true,
                "-empty" => self.is_empty_only = true,
                "-maxdepth" => {
                    self.is_flat = words
                        .get(at)
                        .is_some_and(|depth| depth == "0" || depth == "1");
                    at += 1;
                }
                "-delete" => self.deletes = true,
                "-exec" | "-execdir" | "-ok" | "-okdir" => {
                    let rest = &words[at..];
                    let end = rest.iter().position(|word| word == ";" || word == "+");
                    let end = end.unwrap_or(rest.len());
                    self.commands
                        .push((rest[..end].to_vec(), word.ends_with("dir")));
                    at += end + 1;
                }
                valued if VALUED.contains(&valued) => at += 1,
                _ => {}
            }
            is_negated = false;
        }
        self.end(&mut alternative, false);
    }

    fn end(&mut self, alternative: &mut Option<String>, is_pruned: bool) {
        match alternative.take() {
            // A pruned pattern is left out of the result.
            Some(_) if is_pruned => {}
            Some(name) => self.names.push(name),
            None => self.is_wide = true,
        }
    }

    fn found(&self) -> Vec<String> {
        let any = ["*".to_owned()];
        let between = if self.is_flat { "/" } else { "/**/" };
        let names = if self.is_wide || self.names.is_empty() {
            &any[..]
        } else {
            &self.names
        };
        self.roots
            .iter()
            .flat_map(|root| {
                names
                    .iter()
                    .map(move |name| format!("{root}{between}{name}"))
            })
            .collect()
    }
}

/// The path below the root that a test describes.
fn below(test: &str, value: &str) -> String {
    if test.ends_with("regex") {
        return marks::unknown();
    }
    value
        .trim_start_matches("./")
        .trim_start_matches("*/")
        .to_owned()
}
