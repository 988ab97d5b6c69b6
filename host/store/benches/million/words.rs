//! Words like those of real texts: a few stand in nearly every text, and most are rare.

/// How many words there are, beside names that stand in one text alone.
const VOCABULARY: usize = 60_000;

/// Random numbers, the same on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Between 0 and 1.
    pub(crate) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, part: f64) -> bool {
        self.part() < part
    }

    /// A number that is often small and sometimes large, with this mean.
    pub(crate) fn mean(&mut self, mean: f64) -> usize {
        (-mean * (1.0 - self.part()).ln()) as usize
    }
}

/// Picks by Zipf's law: the second half as often as the first, the third a third as often.
pub(crate) struct Zipf(Vec<f64>);

impl Zipf {
    pub(crate) fn new(count: usize) -> Self {
        let mut sum = 0.0;
        let weight = |rank: usize| {
            sum += 1.0 / (rank as f64 + 2.0);
            sum
        };
        Self((0..count).map(weight).collect())
    }

    pub(crate) fn pick(&self, random: &mut Random) -> usize {
        let all = self.0.last().copied().unwrap_or_default();
        let at = random.part() * all;
        self.0
            .partition_point(|sum| *sum < at)
            .min(self.0.len() - 1)
    }
}

/// The word of a rank. 0 is the most common.
pub(crate) fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ta", "re", "in", "mo", "ver", "con", "li", "pa", "sto", "ne", "du", "ka", "fil", "gra",
        "sim", "o",
    ];
    let mut word = String::new();
    let mut rest = rank + 16;
    while rest > 0 {
        word += SYLLABLES[rest % 16];
        rest /= 16;
    }
    word
}

/// All words.
pub(crate) struct Vocabulary {
    words: Vec<String>,
    ranks: Zipf,
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        Self {
            words: (0..VOCABULARY).map(word).collect(),
            ranks: Zipf::new(VOCABULARY),
        }
    }

    /// A text of about so many words. One in 25 texts has a name that stands nowhere else.
    pub(crate) fn text(&self, random: &mut Random, mean: f64) -> String {
        let count = 4 + random.mean(mean);
        let mut text = String::with_capacity(count * 7);
        for at in 0..count {
            if at > 0 {
                text += if at % 12 == 0 { ".\\n" } else { " " };
            }
            text += &self.words[self.ranks.pick(random)];
        }
        if random.chance(0.04) {
            text += &format!(" id_{:x}", random.next());
        }
        text
    }
}
