//! Follows commands of `cmd` that delete, copy and move files.

use super::follow::Cmd;
use crate::halt::Outcome;
use crate::writes::Way;

/// A command's options, in lower case, and its other words.
pub(super) struct Words {
    pub(super) options: Vec<String>,
    pub(super) operands: Vec<String>,
}

impl Words {
    /// Reads the words behind the command's name. Options may be joined: `/s/q`.
    pub(super) fn read(words: &[String]) -> Self {
        let (options, operands): (Vec<&String>, Vec<&String>) =
            words.iter().partition(|word| is_option(word));
        let options = options.iter().flat_map(|word| word.split('/').skip(1));
        Self {
            options: options.map(str::to_lowercase).collect(),
            operands: operands
                .into_iter()
                .flat_map(|word| word.split([',', ';']))
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|own| own == option)
    }
}

/// Whether the word is an option: `/s` and `/a:h` are, the path `/usr` is not.
fn is_option(word: &str) -> bool {
    word.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|part| {
            let name = part.split([':', '-']).next().unwrap_or_default();
            name.len() <= 2 || part.len() > name.len() || is_long(name)
        })
    })
}

fn is_long(name: &str) -> bool {
    ["mir", "purge", "move", "mov", "exclude"].contains(&name.to_lowercase().as_str())
}

impl Cmd<'_> {
    /// `rd /s`, `rmdir /s`. Without `/s` only empty folders are removed.
    pub(super) fn remove_folder(&mut self, argv: &[String], words: &Words) -> Outcome<()> {
        if words.has("s") {
            return self.remove(argv, &words.operands, "-r");
        }
        Ok(())
    }

    /// `del`, `erase`. With `/s` they delete in all folders below too.
    pub(super) fn remove_files(&mut self, argv: &[String], words: &Words) -> Outcome<()> {
        let is_swept = words.has("s");
        let paths = words
            .operands
            .iter()
            .map(|path| match path.rsplit_once(['/', '\\']) {
                Some((folder, pattern)) if !is_swept => format!("{folder}/{}", plain(pattern)),
                None if !is_swept => plain(path),
                Some((folder, pattern)) => format!("{folder}/**/{}", plain(pattern)),
                None => format!("**/{}", plain(path)),
            });
        let paths: Vec<String> = paths.collect();
        self.remove(argv, &paths, "-f")
    }

    fn remove(&mut self, argv: &[String], paths: &[String], option: &str) -> Outcome<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let first = argv.iter().take(1).cloned();
        let words = [option.to_owned(), "--".to_owned()];
        let told: Vec<String> = first.chain(words).chain(paths.iter().cloned()).collect();
        self.tell("rm", &told)
    }

    /// `copy`, `xcopy`, `move`, `ren`, `robocopy`, `mklink`.
    pub(super) fn copy(&mut self, name: &str, argv: &[String], words: &Words) -> Outcome<()> {
        let operands = words.operands.as_slice();
        let (to, from) = match (name, operands) {
            ("mklink", [link, target, ..]) => (link.clone(), target.clone()),
            ("ren" | "rename", [from, to, ..]) => (beside(from, to), from.clone()),
            (_, [from, to, ..]) => (to.clone(), from.clone()),
            _ => return Ok(()),
        };
        if name == "robocopy" && (words.has("mir") || words.has("purge")) {
            let told = [&argv[0], "--delete", &from, &to].map(str::to_owned);
            self.tell("rsync", &told)?;
        }
        let told = if matches!(name, "move" | "ren" | "rename") {
            "mv"
        } else {
            "cp"
        };
        self.tell(told, &[argv[0].clone(), from.clone(), to.clone()])?;
        let content = self.runner.scene().file(&from).map(str::to_owned);
        let last = from.rsplit(['/', '\\']).next().unwrap_or_default();
        let inside = format!("{}/{last}", to.trim_end_matches(['/', '\\']));
        for target in [to, inside] {
            self.runner
                .write(argv, &target, content.as_deref(), Way::Replace)?;
        }
        Ok(())
    }
}

/// Replaces `*.*` by `*`, because it names every file.
fn plain(pattern: &str) -> String {
    match pattern {
        "*.*" | "" => "*".to_owned(),
        other => other.to_owned(),
    }
}

fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once(['/', '\\']) {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}
