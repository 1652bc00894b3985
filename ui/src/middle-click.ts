// The middle button pastes what is selected, in this window or another, as everywhere on Linux. WebKit does so too, but
// first tells of a paste, with the text of the clipboard: whoever takes that to paste it itself, as the editor does, would
// paste another text. Here they are told of the paste once it is known what is pasted.

/** Whether the middle button was let go just now. What it does comes before anything else. */
let released = false;

function release({ button }: MouseEvent): void {
  if (button !== 1) return;
  released = true;
  setTimeout(() => {
    released = false;
  });
}

/** The text is that of the clipboard. What is pasted is on its way to where it is put in. */
function hold(event: ClipboardEvent): void {
  if (!released) return;
  event.stopImmediatePropagation();
  const editor = event.target instanceof Element ? event.target.closest<HTMLElement>('[contenteditable=true]') : null;
  if (!editor) return;
  // So it is text and no HTML, whose lines would be lost.
  editor.contentEditable = 'plaintext-only';
  setTimeout(() => {
    editor.contentEditable = 'true';
  });
}

function tell(event: InputEvent): void {
  if (!released || event.inputType !== 'insertFromPaste') return;
  released = false;
  event.stopImmediatePropagation();
  const clipboardData = new DataTransfer();
  // Text boxes have it in one place, editors in another.
  clipboardData.setData('text/plain', event.dataTransfer?.getData('text/plain') || event.data || '');
  const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
  if (event.target?.dispatchEvent(paste) === false) event.preventDefault();
}

export function listenToMiddleClicks(): void {
  addEventListener('mouseup', release, { capture: true });
  addEventListener('paste', hold, { capture: true });
  addEventListener('beforeinput', tell, { capture: true });
}
