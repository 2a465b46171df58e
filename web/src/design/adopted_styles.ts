/**
 * Turns the <style> elements of a shadow root that is not in the page yet into sheets, and adds further rules: the
 * Content-Security-Policy lets no <style> element in.
 */
export function adoptStyles(root: ShadowRoot, ...further: readonly string[]): void {
  const rules = [...root.querySelectorAll('style')].map((style) => {
    style.remove();
    return style.textContent ?? '';
  });
  root.adoptedStyleSheets = [...rules, ...further].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}
