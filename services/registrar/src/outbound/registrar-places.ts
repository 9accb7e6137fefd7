import type { Target } from '@tandem/proto/routing';
import type { OutboundSettings } from '@tandem/proto/outbound';
import { placeOf, targetsOfPlaces, unresolvedName } from '@tandem/sip-names';
import type { NameBook, NameTarget, Place } from '@tandem/sip-names';
import { transportNamed } from '@tandem/sip';

/** Where a registrar is, or why it is nowhere; `isEarly`: its name is being looked up for the first time. */
export type FoundPlaces =
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  | { readonly kind: 'nowhere'; readonly cause: string; readonly isEarly: boolean };

/** Finds the registrars of carriers: by their names, which are looked up in the background (RFC 3263). */
export class RegistrarPlaces {
  readonly #names: NameBook;
  readonly #random: () => number;
  /** Of what is not configured any more, and is to be removed at the carrier all the same. */
  #left: NameTarget[] = [];
  #used: NameTarget[] = [];

  constructor(names: NameBook, random: () => number) {
    this.#names = names;
    this.#random = random;
  }

  /** Has the names of these looked up from now on, and those that have been asked for since the last ones. */
  use(all: Iterable<OutboundSettings>): void {
    const before = this.#left;
    this.#left = [];
    this.#used = [];
    for (const settings of all) this.#placesOf(settings, this.#used);
    this.#names.keep([...before, ...this.#used]);
  }

  find(settings: OutboundSettings): FoundPlaces {
    const places = this.#placesOf(settings, this.#left);
    const { certificate, domain, local } = settings;
    const found = targetsOfPlaces(places, { callee: '', local, certificate }, this.#random);
    if (found.length > 0) {
      // RFC 3261 §10.2: the Request-URI is the domain, without a user.
      return { kind: 'found', targets: found.map((each) => ({ ...each, uri: `sip:${domain}` })) };
    }
    const name = unresolvedName(places);
    const cause = `${name?.text ?? settings.registrars.join(', ')}: ${name?.failure ?? 'no address'}`;
    return { kind: 'nowhere', cause, isEarly: name?.isAsked === false };
  }

  #placesOf({ registrars, transport }: OutboundSettings, used: NameTarget[]): readonly Place[] {
    const by = transport === 'auto' ? 'auto' : (transportNamed(transport)?.name ?? 'auto');
    return registrars.map((address) =>
      placeOf(address, by, {
        name: (target) => {
          used.push(target);
          return this.#names.name(target);
        },
      }),
    );
  }
}
