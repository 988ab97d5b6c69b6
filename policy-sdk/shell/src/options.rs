//! Splits a command's arguments into options and operands.

/// The arguments of one command.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// Each option. The letters of a cluster are separate: `-r`, `--force`.
    flags: Vec<(String, Option<&'a str>)>,
    /// The words that are no options, in order.
    pub operands: Vec<&'a str>,
    /// How many operands came before `--`. All of them if there was none.
    pub before_dashes: usize,
    /// Whether there was a `--`.
    pub dashes: bool,
}

impl<'a> Options<'a> {
    /// Reads the arguments behind the command's name. `valued` lists the options that take a value.
    pub fn read(arguments: &'a [String], valued: &[&str]) -> Self {
        let mut options = Self::default();
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            if argument == "--" {
                options.dashes = true;
                options.before_dashes = options.operands.len();
                options.operands.extend(arguments);
                return options;
            }
            if let Some(long) = argument.strip_prefix("--") {
                let (name, mut value) = match long.split_once('=') {
                    Some((name, value)) => (format!("--{name}"), Some(value)),
                    None => (argument.to_owned(), None),
                };
                if value.is_none() && valued.contains(&argument) {
                    value = arguments.next();
                }
                options.flags.push((name, value));
            } else if argument.len() > 1 && argument.starts_with('-') {
                options.cluster(argument, valued, &mut arguments);
            } else {
                options.operands.push(argument);
            }
        }
        options.before_dashes = options.operands.len();
        options
    }

    fn cluster(
        &mut self,
        cluster: &'a str,
        valued: &[&str],
        rest: &mut impl Iterator<Item = &'a str>,
    ) {
        if valued.contains(&cluster) {
            self.flags.push((cluster.to_owned(), rest.next()));
            return;
        }
        for (at, letter) in cluster.char_indices().skip(1) {
            let flag = format!("-{letter}");
            if valued.contains(&flag.as_str()) {
                let inline = &cluster[at + letter.len_utf8()..];
                let value = if inline.is_empty() {
                    rest.next()
                } else {
                    Some(inline)
                };
                self.flags.push((flag, value));
                return;
            }
            self.flags.push((flag, None));
        }
    }

    /// Whether one of these options is given. A long one may be abbreviated, as in GNU's tools.
    pub fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|(flag, _)| is_one_of(flag, names))
    }

    /// The value of the first of these options that has one.
    pub fn value(&self, names: &[&str]) -> Option<&'a str> {
        self.values(names).next()
    }

    /// All values of these options.
    pub fn values(&self, names: &[&str]) -> impl Iterator<Item = &'a str> {
        self.flags
            .iter()
            .filter(move |(flag, _)| is_one_of(flag, names))
            .filter_map(|(_, value)| *value)
    }
}

fn is_one_of(flag: &str, names: &[&str]) -> bool {
    const SHORTEST: usize = "--rec".len();
    names.iter().any(|name| {
        flag == *name || flag.len() >= SHORTEST && flag.starts_with("--") && name.starts_with(flag)
    })
}

/// Whether the command only prints its help.
pub fn asks_for_help(arguments: &[String]) -> bool {
    arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--help" || argument == "--version")
}
