//! Sets of command names that are fast to look up in long texts.

/// A set of command names. Asking it is cheap: the first two letters rule out most words of a text.
#[derive(Clone, Debug)]
pub struct Names {
    beginnings: Beginnings,
    /// The names, grouped by the low five bits of their first letter.
    names: [Vec<String>; 32],
    /// Beginnings of names whose rest does not matter, such as `mkfs` of `mkfs.ext4`.
    stems: Vec<String>,
}

/// How names may begin: one bit for each pair of first letters, using the low five bits of each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beginnings([u32; 32]);

impl Names {
    /// Makes a set of these names. A name that ends with `*` stands for all names that begin like
    /// it.
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

    /// Whether the set has this name.
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
            // Any letter may follow.
            None => u32::MAX,
        };
    }

    /// Returns the beginnings of both.
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
