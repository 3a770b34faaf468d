//! Decisions from a list of numbers: takes numbers, gives choices. A shorter list or smaller numbers choose what is
//! simpler, so that what fails shrinks.

/// Draws from a list; past its end every choice is the first one.
pub struct Choices<'a> {
    numbers: &'a [u16],
    at: usize,
    /// How deep the text is nested that is being written.
    pub depth: usize,
}

impl<'a> Choices<'a> {
    pub fn new(numbers: &'a [u16]) -> Self {
        Self {
            numbers,
            at: 0,
            depth: 0,
        }
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(number) % count.max(1)
    }

    /// One of a list.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Yes once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }
}
