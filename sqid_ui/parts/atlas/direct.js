// A renderer for the library that draws on the canvas that is seen. Its own draws into floats behind it, with several
// samples a pixel, and copies the result, for which the page waits: 175 ms a frame where no graphics card helps.

// createRegl: of the library.
export function directRenderer(canvas, createRegl) {
  // Whoever asks for the canvas' context later gets this one.
  canvas.getContext("webgl", { antialias: false, alpha: true });
  const regl = createRegl(canvas);
  const draws = new Set();
  const frames = regl.frame(() => draws.forEach((draw) => draw()));
  return {
    canvas,
    regl,
    gamma: 1,
    isSupported: true,
    isDestroyed: false,
    render: (draw) => {
      regl.clear({ color: [0, 0, 0, 0], depth: 1 });
      draw();
    },
    resize: () => {},
    refresh: () => regl.poll(),
    onFrame: (draw) => {
      draws.add(draw);
      return () => draws.delete(draw);
    },
    destroy: () => {
      frames.cancel();
      regl.destroy();
    },
  };
}
