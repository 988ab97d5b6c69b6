//! The names of commands, to be looked for in long texts.

/// A set of command names that is cheap to ask: most words of a text are turned away by their first
/// two letters.
#[derive(Clone, Debug)]
pub struct Names {
    beginnings: Beginnings,
    /// Those that begin with a letter of the same low five bits stand together.
    names: [Vec<String>; 32],
    /// Names of which the rest does not matter, such as `mkfs` of `mkfs.ext4`.
    stems: Vec<String>,
}

/// How names may begin: one bit for each pair of first letters, of each its low five bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beginnings([u32; 32]);

impl Names {
    /// The set of these names. One that ends with `*` stands for all that begin so.
    pub fn new<'a>(all: impl IntoIterator<Item = &'a str>) -> Self {
        let mut beginnings = Beginnings::default();
        let mut names = [const { Vec::new() }; 32];
        let mut stems = Vec::new();
        for name in all {
            let stem = name.strip_suffix('*');
            beginnings.add(stem.unwrap_or(name).as_bytes());
            match stem {
                Some(stem) => stems.push(stem.to_owned()),
                None => names[row(name.as_bytes())].push(name.to_owned()),
            }
        }
        Self {
            beginnings,
            names,
            stems,
        }
    }

    /// Whether the name is one of these.
    pub fn has(&self, name: &str) -> bool {
        self.names[row(name.as_bytes())]
            .iter()
            .any(|own| own == name)
            || self
                .stems
                .iter()
                .any(|stem| name.starts_with(stem.as_str()))
    }

    pub(crate) fn beginnings(&self) -> Beginnings {
        self.beginnings
    }
}

impl Beginnings {
    fn add(&mut self, name: &[u8]) {
        self.0[row(name)] |= match name.get(1) {
            Some(second) => 1 << (second & 31),
            // Whatever follows.
            None => u32::MAX,
        };
    }

    /// Those of both.
    pub(crate) fn or(mut self, other: Self) -> Self {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own |= other;
        }
        self
    }

    /// Whether a name may begin with these two letters.
    pub(crate) fn has(&self, first: u8, second: u8) -> bool {
        self.0[usize::from(first & 31)] & (1 << (second & 31)) != 0
    }
}

fn row(name: &[u8]) -> usize {
    name.first().map_or(0, |first| usize::from(first & 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_stems_are_found() {
        let names = Names::new(["rm", "git", "mkfs*", "w"]);
        for name in ["rm", "git", "mkfs", "mkfs.ext4", "w"] {
            assert!(names.has(name), "{name}");
            let next = name.as_bytes().get(1).copied();
            let may_begin = |next| names.beginnings().has(name.as_bytes()[0], next);
            assert!(may_begin(next.unwrap_or(b' ')), "{name}");
        }
        for name in ["", "r", "rmdir", "gi", "mkf", "Rm", "ls"] {
            assert!(!names.has(name), "{name}");
        }
        assert!(!names.beginnings().has(b'l', b's'));
    }
}
