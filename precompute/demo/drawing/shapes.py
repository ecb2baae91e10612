"""Outlines in unit coordinates: x to the right, y down, the picture from 0 to 1. Every outline is a list of points."""

import math

import numpy as np

Point = tuple[float, float]
Outline = list[Point]


def smooth(points: Outline, steps: int = 7) -> Outline:
    """A closed Catmull-Rom curve through the points, `steps` segments between two of them."""
    p = np.asarray(points, dtype=float)
    return _spline(np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0), steps)


def curve(points: Outline, steps: int = 7) -> Outline:
    """The same from the first point to the last: an open line."""
    p = np.asarray(points, dtype=float)
    return [*_spline(np.vstack([p[:1], p[:-2]]), p[:-1], p[1:], np.vstack([p[2:], p[-1:]]), steps), *_points(p[-1:])]


def _spline(before: np.ndarray, start: np.ndarray, end: np.ndarray, after: np.ndarray, steps: int) -> Outline:
    t = (np.arange(steps) / steps)[:, None, None]
    dense = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return _points(dense.transpose(1, 0, 2).reshape(-1, 2))


def mirrored(right: Outline) -> Outline:
    """A symmetric outline from its right half, given from top to bottom; the axis is x = 0.5."""
    return right + [(1 - x, y) for x, y in reversed(right)]


def symmetric(right: Outline) -> Outline:
    """A symmetric outline from points that a curve goes through on its right side, from top to bottom."""
    return mirrored(curve(right))


def flipped(points: Outline) -> Outline:
    """The same outline on the other side of x = 0.5."""
    return [(1 - x, y) for x, y in points]


def both(points: Outline) -> tuple[Outline, Outline]:
    """The outline on its side of x = 0.5 and on the other."""
    return points, flipped(points)


def ellipse(x: float, y: float, rx: float, ry: float, start: float = 0, end: float = 360, steps: int = 40) -> Outline:
    """An ellipse, or the part of it from `start` to `end` degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, steps, endpoint=end - start < 360))
    return _points(np.column_stack([x + rx * np.cos(angles), y + ry * np.sin(angles)]))


def rounded(x0: float, y0: float, x1: float, y1: float, r: float) -> Outline:
    """A rectangle with round corners."""
    corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    return [point for x, y, start in corners for point in ellipse(x, y, r, r, start, start + 90, steps=8)]


def moved(points: Outline, dx: float, dy: float) -> Outline:
    """The outline somewhere else."""
    return [(x + dx, y + dy) for x, y in points]


def turned(points: Outline, degrees: float, about: Point) -> Outline:
    """The outline turned clockwise about a point."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    ax, ay = about
    return [(ax + (x - ax) * c - (y - ay) * s, ay + (x - ax) * s + (y - ay) * c) for x, y in points]


def ribbon(points: Outline, width: float, end_width: float | None = None) -> Outline:
    """A band along an open line, as wide at its end as told."""
    p = np.asarray(points, dtype=float)
    along = np.gradient(p, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    normal = np.column_stack([-along[:, 1], along[:, 0]])
    half = np.linspace(width, width if end_width is None else end_width, len(p))[:, None] / 2
    return _points(np.vstack([p + normal * half, (p - normal * half)[::-1]]))


def _points(array: np.ndarray) -> Outline:
    return [(float(x), float(y)) for x, y in array]
