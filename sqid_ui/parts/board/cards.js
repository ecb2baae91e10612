// One product's card. Titles, brands and addresses come from strangers: they reach the page by textContent and checked
// addresses only. What a card says is written when its product or the data changes; its rank and marks on every frame.
import { button, element, write } from "../browser/elements.js";
import { fixed } from "../browser/format.js";
import { BROKEN_PICTURE, NO_PICTURE, image } from "../browser/images.js";
import { safeAddress } from "../browser/safe_address.js";
import { dressChip } from "../../judge/chip/choosing.js";

export function newCard() {
  const card = { item: element("li", "card"), rank: element("span", "place"), shifts: new Map(), at: 0, gone: false, source: undefined };
  card.ranks = element("div", "ranks");
  card.ranks.append(card.rank);
  card.thumb = element("div", "thumb");
  card.title = button("title");
  card.title.dir = "auto";
  card.facts = element("p", "facts");
  card.facts.dir = "auto";
  card.chip = element("span", "chip");
  card.letter = element("b", "letter");
  card.label = element("span", "label");
  card.chip.append(card.letter, card.label);
  card.scores = element("span", "scores");
  card.text = scoreMark("text");
  card.image = scoreMark("image");
  card.scores.append(card.text.mark, card.image.mark);
  const foot = element("div", "foot");
  foot.append(card.chip, card.scores);
  const body = element("div", "body");
  body.append(card.title, card.facts, foot);
  card.item.append(card.ranks, card.thumb, body);
  return card;
}

function scoreMark(kind) {
  const mark = element("span", `score ${kind}`);
  const name = element("span", "score-name");
  const number = element("span", "number");
  mark.append(name, number);
  return { mark, name, number };
}

// What does not change with the weight.
// choosing: what its chip judges with, if anything.
export function drawCard(card, product, data, choosing = null) {
  const facts = data.products;
  card.product = product;
  card.item.dataset.product = facts.id[product];
  card.item.classList.toggle("ahead", Boolean(data.pull?.ahead.includes(product)));
  write(card.title, facts.title[product]);
  write(card.facts, facts.facts[product]);
  drawPicture(card, pictureOf(data, product));
  drawLabel(card, facts.label[product], data.scale);
  if (data.scale) dressChip(choosing, card.chip, facts.id[product]);
  drawScore(card.text, "Text", facts.text, product);
  drawScore(card.image, "Image", facts.image, product);
}

function pictureOf(data, product) {
  const picture = data.products.picture[product];
  return picture && picture.startsWith("/") ? data.pictures + picture : picture;
}

function drawScore(score, name, values, product) {
  score.mark.hidden = !values;
  if (!values) return;
  write(score.name, name);
  write(score.number, values[product] == null ? "none" : fixed(values[product], 3));
}

function drawLabel(card, label, scale) {
  const judged = label >= 0;
  card.chip.hidden = !scale;
  card.chip.classList.toggle("unjudged", !judged);
  if (!scale) return;
  write(card.letter, judged ? scale.letters[label] : "–");
  write(card.label, judged ? scale.names[label] : "Unjudged");
  card.chip.style.setProperty("--label", judged ? scale.colors[label] : "");
}

function drawPicture(card, address) {
  const source = safeAddress(address);
  if (card.source === source && card.thumb.firstChild) return;
  card.source = source;
  card.thumb.replaceChildren();
  card.thumb.classList.toggle("empty", !source);
  if (!source) {
    write(card.thumb, NO_PICTURE);
    return;
  }
  const picture = image(source);
  picture.decoding = "async";
  card.thumb.append(picture);
}

export function pictureFailed(picture) {
  if (!picture || picture.tagName !== "IMG") return;
  const thumb = picture.parentElement;
  picture.remove();
  thumb.classList.add("empty");
  write(thumb, BROKEN_PICTURE);
}

// The card's rank in its own list: where it stands and what it says.
// place: among the cards that are shown, from 0.
export function rankCard(card, rank, place) {
  if (card.at !== rank) write(card.rank, (card.at = rank));
  if (card.place === place) return;
  card.place = place;
  // Not by a property of our own: those are inherited, and every part of the card would be styled anew.
  card.item.style.transform = `translateY(calc(${place} * var(--step)))`;
}

// A card whose product is not among the shown keeps its place in memory for as long as the weight moves.
export function showCard(card, shown) {
  if (card.gone !== shown) return;
  card.gone = !shown;
  card.item.classList.toggle("gone", card.gone);
}

// How far the product moves from another list to this one: ▲ it stands higher here. still: whether the weight rests, and
// it is worth saying in words.
export function shiftCard(card, other, name, shift, still) {
  if (!card.shifts.has(other)) {
    const mark = { node: element("span", `shift ${other}`), shift: null, said: null };
    card.shifts.set(other, mark);
    card.ranks.append(mark.node);
  }
  const mark = card.shifts.get(other);
  if (mark.shift !== shift) write(mark.node, shift === 0 ? "=" : `${shift > 0 ? "▲" : "▼"}${Math.abs(shift)}`);
  mark.shift = shift;
  if (!still || mark.said === shift) return;
  mark.said = shift;
  mark.node.title = shift === 0 ? `Same rank in ${name}` : `${Math.abs(shift)} ${shift > 0 ? "higher" : "lower"} here than in ${name}`;
}

export function markCard(card, marked) {
  if (card.wasMarked === marked) return;
  card.wasMarked = marked;
  card.item.classList.toggle("marked", marked);
}
