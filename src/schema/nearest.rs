//! The name that was meant, for `did you mean`.

/// Of a shorter word nothing can be guessed: every short name is near. In letters.
const MIN_WORD: usize = 3;
/// Longer words are no typing errors of a name. In letters.
const MAX_WORD: usize = 80;

/// The one of `names` that is nearest to `word`, where one is near: about one letter in three may be
/// wrong, missing, too many or exchanged with its neighbour.
pub(super) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() < MIN_WORD || word.len() > MAX_WORD {
        return None;
    }
    let most = word.len().div_ceil(3);
    let near = names.into_iter().map(|name| (distance(word, name), name));
    near.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// How many letters must be changed, left out, put in or exchanged with the next. Capitals and
/// underscores make no difference; of long names the beginnings are compared.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let letters = |word: &str| -> Vec<char> {
        word.chars().filter(|c| *c != '_').take(MAX_WORD).flat_map(char::to_lowercase).collect()
    };
    distance_of(&letters(one), &letters(other))
}

fn distance_of(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let changed = last[j] + usize::from(a != b);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_known_and_another_word_is_not() {
        let names = ["name", "number", "first_name"];
        assert_eq!(nearest("nmae", names), Some("name"));
        assert_eq!(nearest("Name", names), Some("name"));
        assert_eq!(nearest("firstname", names), Some("first_name"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("b", ["a", "id"]), None);
        assert_eq!(nearest(&"name".repeat(100), names), None);
    }
}
