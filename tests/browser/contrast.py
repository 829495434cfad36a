"""contrast.py - texts of a page that are too faint to be read: WCAG 2.2, 1.4.3, level AA.

Of each text that is shown, the colour is held against that of what lies behind it: the backgrounds of the elements it
is in, and in a drawing the shapes painted before it at its middle, or a wide outline of its own. What is transparent is
mixed. Nothing is said of a text on an image; the pages have none.
"""

FAINT = r"""
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const known = new Map();
    const parsed = (colour) => { // [red, green, blue, alpha] of any colour that CSS knows
        if (!known.has(colour)) {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            known.set(colour, [r, g, b, a / 255]);
        }
        return known.get(colour);
    };
    const over = ([r, g, b, a], below) => [...[r, g, b].map((part, at) => a * part + (1 - a) * below[at]), 1];
    const luminance = (colour) => {
        const [r, g, b] = colour.map((part) => part / 255).map((part) =>
            (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, other) => {
        const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    // What a function of one element has returned, remembered: texts have most of their ancestors in common.
    const once = (make) => {
        const made = new Map();
        return (element) => {
            if (!made.has(element)) made.set(element, make(element));
            return made.get(element);
        };
    };
    const opacity = once((element) => (element
        ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1));
    const faded = ([r, g, b, a], element) => [r, g, b, a * opacity(element)];

    const fillOf = (shape) => {
        const { fill, fillOpacity } = getComputedStyle(shape);
        if (!/^(rgb|#|color)/.test(fill)) return [0, 0, 0, 0]; // a pattern: what is below shows through
        const [r, g, b, a] = parsed(fill);
        return faded([r, g, b, a * Number(fillOpacity)], shape);
    };
    const SHAPES = 'rect, path, polygon, circle, polyline';
    // What is painted in a drawing, the lowest first.
    const shapesOf = once((drawing) => [...drawing.querySelectorAll(SHAPES)].filter((shape) =>
        !shape.closest('defs, clipPath') && getComputedStyle(shape).fill !== 'none' && shape.checkVisibility()
        && shape.isPointInFill && shape.getScreenCTM()).map((shape) => ({
        shape, box: shape.getBoundingClientRect(), inverse: shape.getScreenCTM().inverse(), fill: fillOf(shape) })));
    // What of it is behind a text, at its middle.
    const fillsBehind = (text) => {
        const { left, top, width, height } = text.getBoundingClientRect();
        const x = left + width / 2;
        const y = top + height / 2;
        return shapesOf(text.ownerSVGElement).filter(({ shape, box, inverse }) =>
            x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
            && shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING
            && shape.isPointInFill(new DOMPoint(x, y).matrixTransform(inverse))).map(({ fill }) => fill);
    };

    const background = once((element) => {
        if (!element) return [255, 255, 255, 1];
        const own = element instanceof SVGElement ? 'transparent' : getComputedStyle(element).backgroundColor;
        return over(faded(parsed(own), element), background(element.parentElement));
    });
    const behind = (element) => {
        if (!(element instanceof SVGElement)) return background(element);
        let colour = background(element);
        for (const fill of fillsBehind(element)) colour = over(fill, colour);
        const { paintOrder, stroke, strokeWidth } = getComputedStyle(element);
        const hasOutline = paintOrder.startsWith('stroke') && Number.parseFloat(strokeWidth) >= 3 && stroke !== 'none';
        return hasOutline ? over(parsed(stroke), colour) : colour;
    };

    const isLarge = ({ fontSize, fontWeight }) => {
        const size = Number.parseFloat(fontSize);
        return size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    };

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT,
        (node) => (node.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP));
    const found = new Map();
    let looked = 0;
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (element.closest('script, style, template, noscript, :disabled, title')) continue;
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        looked++;
        const style = getComputedStyle(element);
        const ground = behind(element);
        const ink = over(faded(parsed(element instanceof SVGElement ? style.fill : style.color), element), ground);
        const ratio = contrast(ink, ground);
        if (ratio >= (isLarge(style) ? 3 : 4.5)) continue;
        const digits = (part) => Math.round(part).toString(16).padStart(2, '0');
        const hex = (colour) => `#${colour.slice(0, 3).map(digits).join('')}`;
        const name = `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} in `
            + `${element.closest('[id]')?.id ?? ''}: ${hex(ink)} on ${hex(ground)}, ${ratio.toFixed(2)}`;
        found.set(name, [...found.get(name) ?? [], texts.currentNode.data.trim().slice(0, 30)]);
    }
    return { looked, faint: [...found].map(([name, some]) => `${name}: ${some.length} x ${JSON.stringify(some[0])}`) };
"""


def faint(page):
    """(how many texts were looked at, those that are too faint: where, which colours, their contrast, how often)."""
    found = page.run(FAINT)
    return found["looked"], found["faint"]
