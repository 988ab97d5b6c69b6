//! Which month a time belongs to.

const DAY: u64 = 24 * 60 * 60 * 1000;

/// The month of a time in milliseconds since 1970 (UTC): twelve times the year, and the month counted from 0.
pub(crate) fn month(millis: u64) -> i64 {
    // Days are counted from March 1 of the year 0, so that the leap day is the last of its year.
    let days = millis / DAY + 719_468;
    let era = days / 146_097;
    let day = days % 146_097;
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let months = (era * 400 + year) * 12 + month + 2;
    i64::try_from(months).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_of_their_first_day() {
        let table = [
            (0, 1970, 1),
            (951_782_399_999, 2000, 2),
            (951_868_799_999, 2000, 2),
            (951_868_800_000, 2000, 3),
            (1_798_761_599_999, 2026, 12),
            (1_798_761_600_000, 2027, 1),
            (4_107_542_400_000, 2100, 3),
        ];
        for (millis, year, of_year) in table {
            assert_eq!(month(millis), year * 12 + of_year - 1, "{millis}");
        }
    }
}
