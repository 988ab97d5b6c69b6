//! Commands in words, whose output or whose name stands for them.

use super::Shell;
use crate::halt::Outcome;
use crate::path::Path;
use crate::scene::Value;

/// The command of `$(…)`.
pub(super) struct Substitution<'t>(pub(super) &'t str);

impl Substitution<'_> {
    /// Runs the command in a subshell, and returns its output.
    pub(super) fn output(&self, shell: &mut Shell<'_>) -> Outcome<String> {
        let output = shell.apart(|shell| shell.run(self.0, None))?;
        let output = shell.documents.put_back(&output);
        Ok(output.trim_end_matches('\n').to_owned())
    }
}

/// The command of `<(…)` or `>(…)`.
pub(super) struct Process<'t>(pub(super) &'t str);

impl Process<'_> {
    /// Runs the command in a subshell, and returns the name of the file that stands for it. If it reads
    /// the file, it runs again with what is written there.
    pub(super) fn file(&self, is_reader: bool, shell: &mut Shell<'_>) -> Outcome<String> {
        let output = shell.apart(|shell| shell.run(self.0, None))?;
        let output = shell.documents.put_back(&output).into_owned();
        let name = shell.scene.store_output(output);
        if is_reader {
            let text = Value::of(self.0.to_owned());
            shell.scene.set(&reader_of(&name), text);
        }
        Ok(name)
    }

    /// Follows the command that reads what is written to this file, if there is one.
    pub(super) fn fed_by(path: &Path, text: &str, shell: &mut Shell<'_>) -> Outcome<()> {
        match shell.scene.assigned(&reader_of(&path.text())) {
            Some(command) => {
                let command = command.first();
                shell
                    .apart(|shell| shell.run(&command, Some(text)))
                    .map(drop)
            }
            None => Ok(()),
        }
    }
}

/// The variable that holds the command of `>(…)`, which no shell can name.
fn reader_of(file: &str) -> String {
    format!(">{file}")
}
