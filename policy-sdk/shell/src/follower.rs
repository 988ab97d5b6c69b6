//! Follows a text from beginning to end, by the way in which it reaches the system.

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::runner::Runner;
use crate::scene::Scene;
use crate::shell::{self, Shell};
use crate::watch::{Objections, Watch};
use crate::{script, windows, words};

/// A text to follow, by the way in which it reaches the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// A shell reads it.
    Shell(String),
    /// The words of one program's start; no shell reads them.
    Words(Vec<String>),
    /// A script of another language.
    Script(Language, String),
    /// What is left of something that was cut off, such as the raw arguments of a tool call. It is
    /// followed by its words, with JSON's escapes undone.
    Broken(String),
}

/// Why a text was not followed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop<F> {
    /// The policy objects to something in it.
    Found(F),
}

/// Follows texts for one policy.
#[derive(Debug)]
pub struct Follower<'a, W> {
    watch: &'a W,
    folder: Option<&'a str>,
}

impl<'a, W: Watch> Follower<'a, W> {
    /// A follower that tells this policy.
    pub fn new(watch: &'a W) -> Self {
        Self {
            watch,
            folder: None,
        }
    }

    /// The same, with this folder as the current one at the start of a text.
    #[must_use]
    pub fn in_folder(self, folder: Option<&'a str>) -> Self {
        Self { folder, ..self }
    }

    /// Follows a text. A text that takes too many steps to follow is judged by its words.
    ///
    /// # Errors
    ///
    /// The first objection.
    pub fn follow(&self, text: &Text) -> Result<(), Stop<W::Finding>> {
        self.told(|shell| match text {
            Text::Shell(line) => any_shell(line, shell),
            Text::Words(words) => shell.start(words, None).map(drop),
            Text::Script(language, script) => script::follow(*language, script, shell),
            Text::Broken(raw) => words::follow(&unescaped(raw), shell),
        })
        .or_else(|stop| match stop {
            Some(finding) => Err(Stop::Found(finding)),
            None => self.by_words(text),
        })
    }

    fn by_words(&self, text: &Text) -> Result<(), Stop<W::Finding>> {
        let line = match text {
            Text::Shell(line) | Text::Broken(line) | Text::Script(_, line) => line,
            Text::Words(words) => &words.join(" "),
        };
        match self.told(|shell| words::follow(line, shell)) {
            Err(Some(finding)) => Err(Stop::Found(finding)),
            _ => Ok(()),
        }
    }

    /// Does something in a fresh shell. Err: the objection, or None where it took too many steps.
    fn told(
        &self,
        what: impl FnOnce(&mut Shell<'_>) -> Outcome<()>,
    ) -> Result<(), Option<W::Finding>> {
        let objections = Objections::of(self.watch);
        let outcome = what(&mut Shell::new(&objections, Scene::new(self.folder)));
        match outcome {
            Ok(()) => Ok(()),
            Err(Halt::Spent) => Err(None),
            Err(Halt::Found) => Err(objections.into_finding()),
        }
    }
}

/// Follows a text of which it is not known whether a shell of Windows reads it.
fn any_shell(line: &str, shell: &mut Shell<'_>) -> Outcome<()> {
    let Some(language) = windows::language(line) else {
        return Runner::run(shell, line);
    };
    if shell::parses(line) {
        Runner::run(shell, line)?;
        // What looked like a command of Windows may have been text.
        return match shell.has_seen(language) {
            true => script::follow(language, line, shell),
            false => Ok(()),
        };
    }
    script::follow(language, line, shell)?;
    match windows::has_keywords_of_sh(line) {
        true => Runner::run(shell, line),
        false => Ok(()),
    }
}

/// The text without the escapes of JSON.
fn unescaped(raw: &str) -> String {
    raw.replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
}
