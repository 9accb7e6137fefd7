import type { ICustomPartitioner } from 'kafkajs';

/**
 * Has a producer write all that it sends into one partition, drawn when it connects: a request then holds one batch, not a small
 * one for each of twelve partitions, which halves what it costs the broker. Producers are many, so the partitions fill evenly;
 * and what one producer says of a call stays in order.
 * @param draw a number from 0 to below 1
 */
export function onePartition(draw: () => number = Math.random): ICustomPartitioner {
  return () => {
    const drawn = draw();
    return ({ partitionMetadata }) => {
      const led = partitionMetadata.filter(({ leader }) => leader >= 0);
      // Without a leader anywhere the request fails wherever it goes.
      const places = (led.length > 0 ? led : partitionMetadata)
        .map(({ partitionId }) => partitionId)
        .sort((one, other) => one - other);
      return places[Math.floor(drawn * places.length)] ?? 0;
    };
  };
}
