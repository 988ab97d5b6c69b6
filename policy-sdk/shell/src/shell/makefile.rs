//! Reads makefiles and justfiles: which lines a shell gets for a target.

use std::collections::BTreeMap;

use crate::marks;

/// Targets that one run of `make` builds, at most.
const MOST: usize = 64;
/// Variables of a makefile stand in each other down to here.
const DEEPEST: usize = 4;

/// What a makefile says, as far as it matters here.
#[derive(Default)]
pub(super) struct Makefile {
    variables: BTreeMap<String, String>,
    targets: Vec<Target>,
}

#[derive(Default)]
struct Target {
    names: Vec<String>,
    needs: Vec<String>,
    recipe: Vec<String>,
}

impl Makefile {
    /// Reads a makefile or a justfile.
    pub(super) fn read(text: &str) -> Self {
        let mut makefile = Self::default();
        let text = text.replace("\\\n", " ");
        for line in text.lines() {
            if line.starts_with(['\t', ' ']) {
                if let Some(target) = makefile.targets.last_mut() {
                    target.recipe.push(line.trim().to_owned());
                }
            } else if !line.starts_with('#') {
                makefile.line(line);
            }
        }
        makefile
    }

    fn line(&mut self, line: &str) {
        let colon = line.find(':');
        let is_assignment = line
            .find('=')
            .is_some_and(|at| colon.is_none_or(|colon| at <= colon + 2));
        let Some(colon) = colon.filter(|_| !is_assignment) else {
            return self.set(line);
        };
        let (names, behind) = (&line[..colon], line[colon + 1..].trim_start_matches(':'));
        let (needs, recipe) = match behind.split_once(';') {
            Some((needs, recipe)) => (needs, vec![recipe.trim().to_owned()]),
            None => (behind, Vec::new()),
        };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        self.targets.push(Target {
            names: words(names),
            needs: words(needs),
            recipe,
        });
    }

    /// Sets what `NAME = value` says.
    pub(super) fn set(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once('=') {
            let name = name.trim_end_matches([':', '?', '+', '!', ' ', '\t']);
            let value = value.trim().trim_matches(['"', '\'']);
            self.variables
                .insert(name.trim().to_owned(), value.to_owned());
        }
    }

    /// The lines that a shell reads for these targets and what they need; without any, for the first.
    pub(super) fn lines(&self, targets: &[&str]) -> Vec<String> {
        let is_first = |target: &&Target| target.names.iter().any(|name| !name.starts_with('.'));
        let mut open: Vec<String> = targets
            .iter()
            .rev()
            .map(|name| (*name).to_owned())
            .collect();
        if open.is_empty() {
            let first = self.targets.iter().find(is_first);
            open.extend(first.and_then(|target| target.names.first().cloned()));
        }
        let mut done: Vec<String> = Vec::new();
        let mut lines = Vec::new();
        while let Some(name) = open.pop().filter(|_| done.len() < MOST) {
            if done.contains(&name) {
                continue;
            }
            for target in self
                .targets
                .iter()
                .filter(|target| target.names.contains(&name))
            {
                open.extend(
                    target
                        .needs
                        .iter()
                        .map(|need| self.expanded(need, target, 0)),
                );
                let recipe = target.recipe.iter();
                lines.extend(recipe.map(|line| {
                    self.expanded(line.trim_start_matches(['@', '-', '+', ' ']), target, 0)
                }));
            }
            done.push(name);
        }
        lines
    }

    /// A line with the values of its variables, as a shell gets it.
    fn expanded(&self, line: &str, target: &Target, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(at) = rest.find(['$', '{']) {
            out.push_str(&rest[..at]);
            let behind = &rest[at..];
            let (name, length) = if let Some(inner) = behind.strip_prefix("{{") {
                // `{{name}}` of `just`.
                let end = inner.find("}}").unwrap_or(inner.len());
                (inner[..end].trim(), (end + 4).min(behind.len()))
            } else {
                match behind.as_bytes() {
                    [b'$', b'$', ..] => ("$", 2),
                    [b'$', b'(', ..] => enclosed(behind, ')'),
                    [b'$', b'{', ..] => enclosed(behind, '}'),
                    [b'$', b'@' | b'<' | b'^', ..] => (&behind[1..2], 2),
                    _ => ("", 0),
                }
            };
            if length == 0 {
                let sign = behind.chars().next().map_or(1, char::len_utf8);
                out.push_str(&behind[..sign]);
                rest = &behind[sign..];
            } else {
                out.push_str(&self.value(name, target, depth));
                rest = &behind[length..];
            }
        }
        out + rest
    }

    fn value(&self, name: &str, target: &Target, depth: usize) -> String {
        match (name, self.variables.get(name)) {
            ("$", _) => "$".to_owned(),
            ("@", _) => target.names.join(" "),
            ("<", _) => target.needs.first().cloned().unwrap_or_default(),
            ("^", _) => target.needs.join(" "),
            (_, Some(value)) if depth < DEEPEST => self.expanded(value, target, depth + 1),
            ("RM", None) => "rm -f".to_owned(),
            ("MAKE", None) => "make".to_owned(),
            ("CURDIR", None) => ".".to_owned(),
            (name, None) => match name.strip_prefix("shell ") {
                Some(command) => format!("$({command})"),
                None => marks::unknown(),
            },
            _ => marks::unknown(),
        }
    }
}

/// What stands in `$(…)`, and how long all of it is.
fn enclosed(text: &str, close: char) -> (&str, usize) {
    match text.find(close) {
        Some(end) => (&text[2..end], end + close.len_utf8()),
        None => ("", 0),
    }
}
