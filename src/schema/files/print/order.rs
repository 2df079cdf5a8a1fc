//! In which order the parts of a file or of a message are printed.
//!
//! A descriptor keeps its parts in lists, one for each sort, and source mixes them. Where the source's
//! own places are known it is that order; else one that reads well. Both keep the order of every list:
//! a map field and a group each put a message into a list as well, so that lists depend on each other.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// A list of a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum List {
    Services,
    Messages,
    Enums,
    Extensions,
    Fields,
    Oneofs,
}

/// Something that is printed in one go.
#[derive(Debug)]
pub(super) struct Part<T> {
    pub(super) what: T,
    /// Which elements of which lists it makes.
    pub(super) makes: Vec<(List, usize)>,
    /// Line and column in the source, if they are known.
    pub(super) starts: Option<(i32, i32)>,
}

/// Puts parts into the order in which they are printed. As they come is how they read well.
pub(super) fn ordered<T>(mut parts: Vec<Part<T>>) -> Vec<T> {
    if parts.iter().all(|part| part.starts.is_some()) {
        let mut by_place: Vec<&Part<T>> = parts.iter().collect();
        by_place.sort_by_key(|part| part.starts);
        if keeps_lists(&by_place) {
            parts.sort_by_key(|part| part.starts);
            return parts.into_iter().map(|part| part.what).collect();
        }
    }
    by_lists(parts)
}

fn keeps_lists<T>(parts: &[&Part<T>]) -> bool {
    let mut last: HashMap<List, usize> = HashMap::new();
    let mut makes = parts.iter().flat_map(|part| &part.makes);
    makes.all(|(list, at)| last.insert(*list, *at).is_none_or(|before| before < *at))
}

/// Each part behind those that come before it in any list; of several that may come, the first.
fn by_lists<T>(parts: Vec<Part<T>>) -> Vec<T> {
    let (mut waits_for, mut held_up) = (vec![0_usize; parts.len()], vec![Vec::new(); parts.len()]);
    for (one, next) in neighbours(&parts) {
        waits_for[next] += 1;
        held_up[one].push(next);
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..parts.len()).filter(|part| waits_for[*part] == 0).map(Reverse).collect();
    let mut parts: Vec<Option<T>> = parts.into_iter().map(|part| Some(part.what)).collect();
    let mut ordered = Vec::with_capacity(parts.len());
    while let Some(Reverse(part)) = ready.pop() {
        ordered.extend(parts[part].take());
        for next in std::mem::take(&mut held_up[part]) {
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                ready.push(Reverse(next));
            }
        }
    }
    // Lists that contradict each other come from no source.
    ordered.extend(parts.into_iter().flatten());
    ordered
}

/// Of each list, each part with the next one.
fn neighbours<T>(parts: &[Part<T>]) -> Vec<(usize, usize)> {
    let mut lists: HashMap<List, Vec<(usize, usize)>> = HashMap::new();
    for (part, makes) in parts.iter().map(|part| &part.makes).enumerate() {
        for (list, at) in makes {
            lists.entry(*list).or_default().push((*at, part));
        }
    }
    for list in lists.values_mut() {
        list.sort_unstable();
    }
    let pairs = lists.values().flat_map(|list| list.windows(2).map(|pair| (pair[0].1, pair[1].1)));
    pairs.filter(|(one, next)| one != next).collect()
}

#[cfg(test)]
mod tests {
    use super::{List::*, *};

    fn part(what: &'static str, makes: &[(List, usize)], line: i32) -> Part<&'static str> {
        Part { what, makes: makes.to_vec(), starts: (line >= 0).then_some((line, 0)) }
    }

    #[test]
    fn the_order_of_the_source_is_kept_where_it_is_known() {
        let parts = vec![part("message", &[(Messages, 0)], 7), part("enum", &[(Enums, 0)], 3)];
        assert_eq!(ordered(parts), ["enum", "message"]);
    }

    #[test]
    fn places_that_contradict_the_lists_are_not_believed() {
        let parts = vec![part("first", &[(Messages, 0)], 7), part("second", &[(Messages, 1)], 3)];
        assert_eq!(ordered(parts), ["first", "second"]);
    }

    #[test]
    fn a_message_stands_before_the_map_whose_entry_comes_behind_it() {
        let parts = vec![
            part("field", &[(Fields, 0)], -1),
            part("map", &[(Fields, 1), (Messages, 1)], -1),
            part("before", &[(Messages, 0)], -1),
            part("behind", &[(Messages, 2)], -1),
        ];
        assert_eq!(ordered(parts), ["field", "before", "map", "behind"]);
    }

    #[test]
    fn lists_that_contradict_each_other_lose_nothing() {
        let parts = vec![
            part("one", &[(Fields, 0), (Messages, 1)], -1),
            part("other", &[(Fields, 1), (Messages, 0)], -1),
            part("third", &[(Enums, 0)], -1),
        ];
        assert_eq!(ordered(parts), ["third", "one", "other"]);
    }
}
