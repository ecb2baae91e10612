// How far one is, and how long it will take.

const REMEMBERED = 50;

export class Pace {
  constructor(seconds = null) {
    this.looks = seconds === null ? [] : [seconds];
  }

  add(seconds) {
    this.looks = [...this.looks, seconds].slice(-REMEMBERED);
  }

  // The median: a coffee is no part of it.
  get seconds() {
    const sorted = [...this.looks].sort((a, b) => a - b), half = sorted.length >> 1;
    if (!sorted.length) return null;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}

export function progress(done, count, seconds) {
  const where = `${done.toLocaleString("en-US")} of ${count.toLocaleString("en-US")}`;
  return seconds === null || done >= count ? where : `${where}, about ${duration((count - done) * seconds)} at your pace`;
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.max(5, 5 * Math.round(seconds / 5))} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} minutes`;
  const hours = Math.round(minutes / 30) / 2;
  return `${hours} hours`;
}
