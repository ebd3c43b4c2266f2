(** What the theorems on rounding say, as PinnedAlgebra.v has it. Every definition that they speak of is pinned too. *)

From Coq Require Import ZArith Reals List Permutation.
From Flocq Require Import Core.
From Boundcheck Require Rounding Enclosures.
Import ListNotations.
Local Open Scope R_scope.

Definition Rounding__order_ind : Prop :=
  forall (A : Type) (P : Rounding.order A -> Prop),
  P Rounding.Nothing ->
  (forall a : A, P (Rounding.Term a)) ->
  (forall s : Rounding.order A, P s -> forall t : Rounding.order A, P t -> P (Rounding.Add s t)) ->
  (forall (a : A) (t : Rounding.order A), P t -> P (Rounding.Fused a t)) -> forall o : Rounding.order A, P o.

Definition Rounding__sum__is : Prop :=
  @Boundcheck.Rounding.sum = (
  fun xs : list R => fold_right Rplus 0 xs).

Definition Rounding__largest__is : Prop :=
  @Boundcheck.Rounding.largest = (
  fun xs : list R => fold_right Rmax 0 xs).

Definition Rounding__gamma__is : Prop :=
  @Boundcheck.Rounding.gamma = (
  fun (u : R) (k : nat) => INR k * u / (1 - INR k * u)).

Definition Rounding__terms__is : Prop :=
  @Boundcheck.Rounding.terms = (
  fun A : Type =>
  fix terms (t : Rounding.order A) : list A :=
    match t with
    | Rounding.Nothing => []
    | Rounding.Term a => [a]
    | Rounding.Add s t0 => terms s ++ terms t0
    | Rounding.Fused a t0 => a :: terms t0
    end).

Definition Rounding__depth__is : Prop :=
  @Boundcheck.Rounding.depth = (
  fun A : Type =>
  fix depth (t : Rounding.order A) : nat :=
    match t with
    | Rounding.Add s t0 =>
        match Rounding.terms s with
        | [] => depth t0
        | _ :: _ => match Rounding.terms t0 with | [] => depth s | _ :: _ => S (Nat.max (depth s) (depth t0))
          end
        end
    | Rounding.Fused _ t0 => match Rounding.terms t0 with | [] => 0%nat | _ :: _ => S (depth t0) end
    | _ => 0%nat
    end).

Definition Rounding__format__is : Prop :=
  @Boundcheck.Rounding.format = (
  fun (emin prec : Z) (x : R) => generic_format radix2 (FLT_exp emin prec) x).

Definition Rounding__rnd__is : Prop :=
  @Boundcheck.Rounding.rnd = (
  fun (emin prec : Z) (x : R) => round radix2 (FLT_exp emin prec) ZnearestE x).

Definition Rounding__unit_roundoff__is : Prop :=
  @Boundcheck.Rounding.unit_roundoff = (
  fun prec : Z => bpow radix2 (- prec)).

Definition Rounding__half_smallest__is : Prop :=
  @Boundcheck.Rounding.half_smallest = (
  fun emin : Z => bpow radix2 (emin - 1)).

Definition Rounding__evaluate__is : Prop :=
  @Boundcheck.Rounding.evaluate = (
  fun (emin prec : Z) (A : Type) (f g : A -> R) =>
  fix evaluate (t : Rounding.order A) : R :=
    match t with
    | Rounding.Nothing => 0
    | Rounding.Term a => Rounding.rnd emin prec (f a * g a)
    | Rounding.Add s t0 => Rounding.rnd emin prec (evaluate s + evaluate t0)
    | Rounding.Fused a t0 => Rounding.rnd emin prec (f a * g a + evaluate t0)
    end).

Definition Rounding__difference__is : Prop :=
  @Boundcheck.Rounding.difference = (
  fun (emin prec : Z) (p : R * R) => Rounding.rnd emin prec (fst p - snd p)).

Definition Rounding__formats__is : Prop :=
  @Boundcheck.Rounding.formats = (
  fun (emin prec : Z) (p : R * R) => Rounding.format emin prec (fst p) /\ Rounding.format emin prec (snd p)).

Definition Rounding__near__is : Prop :=
  @Boundcheck.Rounding.near = (
  fun (prec : Z) (k : nat) (z c e : R) =>
  0 <= c /\
  0 <= e /\
  e <= (1 + Rounding.unit_roundoff prec) ^ k * (c + z) /\ c <= (1 + Rounding.unit_roundoff prec) ^ k * (e + z)).

Definition Rounding__scale__is : Prop :=
  @Boundcheck.Rounding.scale = (
  fun (emin prec : Z) (xy : list (R * R)) =>
  Rounding.largest (map (fun p : R * R => Rabs (Rounding.difference emin prec p)) xy)).

Definition Rounding__ratio__is : Prop :=
  @Boundcheck.Rounding.ratio = (
  fun (emin prec : Z) (unit : R) (p : R * R) => Rounding.rnd emin prec (Rounding.difference emin prec p / unit)).

Definition Enclosures__fl__is : Prop :=
  @Boundcheck.Enclosures.fl = (
  fun x : R => Rounding.rnd (-1074) 53 x).

Definition Enclosures__U__is : Prop :=
  @Boundcheck.Enclosures.U = (
  bpow radix2 (-53)).

Definition Enclosures__INFLATE__is : Prop :=
  @Boundcheck.Enclosures.INFLATE = (
  1 + bpow radix2 (-20)).

Definition Enclosures__TINY__is : Prop :=
  @Boundcheck.Enclosures.TINY = (
  bpow radix2 (-1022)).

Definition Enclosures__gamma__is : Prop :=
  @Boundcheck.Enclosures.gamma = (
  fun n : nat =>
  Enclosures.fl (Enclosures.fl (INR n * Enclosures.U) / Enclosures.fl (1 - Enclosures.fl (INR n * Enclosures.U)))).

Definition Enclosures__inflate__is : Prop :=
  @Boundcheck.Enclosures.inflate = (
  fun e : R => Enclosures.fl (Enclosures.fl (e * Enclosures.INFLATE) + Enclosures.TINY)).

Definition Enclosures__norm_of_exact__is : Prop :=
  @Boundcheck.Enclosures.norm_of_exact = (
  fun (v : R) (d : nat) (root : R) =>
  Enclosures.fl
    (Enclosures.fl (v * Enclosures.fl (Enclosures.gamma (d + 8) * Enclosures.INFLATE)) +
     Enclosures.fl (root * bpow radix2 (-529)))).

Definition Enclosures__norm_of_inexact__is : Prop :=
  @Boundcheck.Enclosures.norm_of_inexact = (
  fun (v c : R) (d : nat) (root : R) =>
  Enclosures.inflate
    (Enclosures.fl (Enclosures.norm_of_exact v d root + Enclosures.fl (c + Enclosures.norm_of_exact c d root)))).

Definition Enclosures__total__is : Prop :=
  @Boundcheck.Enclosures.total = (
  fun (m : R) (n : nat) => Enclosures.inflate (Enclosures.fl (Enclosures.gamma (n + 4) * m))).

Definition Enclosures__product__is : Prop :=
  @Boundcheck.Enclosures.product = (
  fun a da b db : R =>
  Enclosures.inflate
    (Enclosures.fl
       (Enclosures.fl
          (Enclosures.fl (Enclosures.fl (Enclosures.fl (Rabs a * db) + Enclosures.fl (Rabs b * da)) +
            Enclosures.fl (da * db)) + Enclosures.fl (Enclosures.U * Rabs (Enclosures.fl (a * b)))) +
            Enclosures.TINY))).

Definition Enclosures__rounded__is : Prop :=
  @Boundcheck.Enclosures.rounded = (
  fun (v carried : R) (n : nat) =>
  Enclosures.inflate (Enclosures.fl (carried + Enclosures.fl (Enclosures.gamma n * Rabs v)))).

Definition Rounding__depth_le : Prop :=
  forall (A : Type) (t : Rounding.order A), (Rounding.depth t <= Nat.pred (length (Rounding.terms t)))%nat.

Definition Rounding__power_le_gamma : Prop :=
  forall u : R, 0 <= u -> forall k : nat, INR k * u < 1 -> (1 + u) ^ k - 1 <= Rounding.gamma u k.

Definition Rounding__rounding : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall x : R,
  exists e h : R,
    Rabs e <= Rounding.unit_roundoff prec / (1 + Rounding.unit_roundoff prec) /\
    Rabs h <= Rounding.half_smallest emin /\ e * h = 0 /\ Rounding.rnd emin prec x = x * (1 + e) + h.

Definition Rounding__rounding_sum : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall x y : R,
  Rounding.format emin prec x ->
  Rounding.format emin prec y ->
  exists e : R,
    Rabs e <= Rounding.unit_roundoff prec / (1 + Rounding.unit_roundoff prec) /\
    Rounding.rnd emin prec (x + y) = (x + y) * (1 + e).

Definition Rounding__evaluate_error : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (A : Type) (f g exact : A -> R) (good : A -> Prop) (j : nat) (z : R),
  0 <= z ->
  (forall a : A,
   good a ->
   Rabs (Rounding.rnd emin prec (f a * g a) - exact a) <=
   ((1 + Rounding.unit_roundoff prec) ^ j - 1) * Rabs (exact a) + (1 + Rounding.unit_roundoff prec) ^ j * z) ->
  (forall (a : A) (s : R),
   good a ->
   Rounding.format emin prec s ->
   Rabs (Rounding.rnd emin prec (f a * g a + s) - (exact a + s)) <=
   ((1 + Rounding.unit_roundoff prec) ^ S j - 1) * Rabs (exact a) + Rounding.unit_roundoff prec * Rabs s +
   (1 + Rounding.unit_roundoff prec) ^ S j * z) ->
  forall t : Rounding.order A,
  Forall good (Rounding.terms t) ->
  Rabs (Rounding.evaluate emin prec f g t - Rounding.sum (map exact (Rounding.terms t))) <=
  ((1 + Rounding.unit_roundoff prec) ^ (j + Rounding.depth t) - 1) *
  Rounding.sum (map (fun a : A => Rabs (exact a)) (Rounding.terms t)) +
  (1 + Rounding.unit_roundoff prec) ^ (j + Rounding.depth t) * (INR (length (Rounding.terms t)) * z).

Definition Rounding__evaluate_error_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (A : Type) (f g exact : A -> R) (good : A -> Prop) (j : nat) (z : R),
  0 <= z ->
  (forall a : A,
   good a ->
   Rabs (Rounding.rnd emin prec (f a * g a) - exact a) <=
   ((1 + Rounding.unit_roundoff prec) ^ j - 1) * Rabs (exact a) + (1 + Rounding.unit_roundoff prec) ^ j * z) ->
  (forall (a : A) (s : R),
   good a ->
   Rounding.format emin prec s ->
   Rabs (Rounding.rnd emin prec (f a * g a + s) - (exact a + s)) <=
   ((1 + Rounding.unit_roundoff prec) ^ S j - 1) * Rabs (exact a) + Rounding.unit_roundoff prec * Rabs s +
   (1 + Rounding.unit_roundoff prec) ^ S j * z) ->
  forall (ts : list A) (t : Rounding.order A),
  let k := (j + Nat.pred (length ts))%nat in
  Forall good ts ->
  Permutation (Rounding.terms t) ts ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  Rabs (Rounding.evaluate emin prec f g t - Rounding.sum (map exact ts)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * Rounding.sum (map (fun a : A => Rabs (exact a)) ts) +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * (INR (length ts) * z).

Definition Rounding__sum_by_depth : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall t : Rounding.order R,
  Forall (Rounding.format emin prec) (Rounding.terms t) ->
  Rabs (Rounding.evaluate emin prec (fun x : R => x) (fun _ : R => 1) t - Rounding.sum (Rounding.terms t)) <=
  ((1 + Rounding.unit_roundoff prec) ^ Rounding.depth t - 1) * Rounding.sum (map Rabs (Rounding.terms t)).

Definition Rounding__sum_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xs : list R) (t : Rounding.order R),
  let k := Nat.pred (length xs) in
  Forall (Rounding.format emin prec) xs ->
  Permutation (Rounding.terms t) xs ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  Rabs (Rounding.evaluate emin prec (fun x : R => x) (fun _ : R => 1) t - Rounding.sum xs) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * Rounding.sum (map Rabs xs).

Definition Rounding__products_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (A : Type) (f g exact : A -> R) (good : A -> Prop) (i : nat),
  (forall a : A,
   good a -> Rabs (f a * g a - exact a) <= ((1 + Rounding.unit_roundoff prec) ^ i - 1) * Rabs (exact a)) ->
  forall (ts : list A) (t : Rounding.order A),
  let n := length ts in
  let k := (i + n)%nat in
  Forall good ts ->
  Permutation (Rounding.terms t) ts ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  Rabs (Rounding.evaluate emin prec f g t - Rounding.sum (map exact ts)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * Rounding.sum (map (fun a : A => Rabs (exact a)) ts) +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * (INR n * Rounding.half_smallest emin).

Definition Rounding__dot_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  Permutation (Rounding.terms t) xy ->
  INR n * Rounding.unit_roundoff prec < 1 ->
  Rabs (Rounding.evaluate emin prec fst snd t - Rounding.sum (map (fun p : R * R => fst p * snd p) xy)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) n *
  Rounding.sum (map (fun p : R * R => Rabs (fst p * snd p)) xy) +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) n) * (INR n * Rounding.half_smallest emin).

Definition Rounding__squares_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (2 + n)%nat in
  Forall (Rounding.formats emin prec) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  Rabs
    (Rounding.evaluate emin prec (Rounding.difference emin prec) (Rounding.difference emin prec) t -
     Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k *
  Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy) +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * (INR n * Rounding.half_smallest emin).

Definition Rounding__near_gamma : Prop :=
  forall (prec : Z) (k : nat) (z c e : R),
  0 <= z ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  Rounding.near prec k z c e ->
  Rabs (c - e) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * c +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * z.

Definition Rounding__evaluate_near : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (A : Type) (f g exact : A -> R) (good : A -> Prop) (i : nat) (w z : R),
  0 <= w ->
  0 <= z ->
  (forall a : A, good a -> Rounding.near prec i w (f a * g a) (exact a)) ->
  (forall (a : A) (s : R),
   good a ->
   Rounding.format emin prec s ->
   0 <= s -> Rounding.near prec 1 z (Rounding.rnd emin prec (f a * g a + s)) (f a * g a + s)) ->
  forall t : Rounding.order A,
  Forall good (Rounding.terms t) ->
  Rounding.near prec (S i + Rounding.depth t) (INR (length (Rounding.terms t)) * (w + z))
    (Rounding.evaluate emin prec f g t) (Rounding.sum (map exact (Rounding.terms t))).

Definition Rounding__evaluate_near_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (A : Type) (f g exact : A -> R) (good : A -> Prop) (i : nat) (w z : R),
  0 <= w ->
  0 <= z ->
  (forall a : A, good a -> Rounding.near prec i w (f a * g a) (exact a)) ->
  (forall (a : A) (s : R),
   good a ->
   Rounding.format emin prec s ->
   0 <= s -> Rounding.near prec 1 z (Rounding.rnd emin prec (f a * g a + s)) (f a * g a + s)) ->
  forall (ts : list A) (t : Rounding.order A),
  Forall good ts ->
  Permutation (Rounding.terms t) ts ->
  Rounding.near prec (i + length ts) (INR (length ts) * (w + z)) (Rounding.evaluate emin prec f g t)
    (Rounding.sum (map exact ts)).

Definition Rounding__magnitudes_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xs : list R) (t : Rounding.order R),
  Forall (fun x : R => Rounding.format emin prec x /\ 0 <= x) xs ->
  Permutation (Rounding.terms t) xs ->
  Rounding.near prec (length xs) 0 (Rounding.evaluate emin prec (fun x : R => x) (fun _ : R => 1) t)
    (Rounding.sum xs).

Definition Rounding__euclidean_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  (emin <= -3 * prec - 4)%Z ->
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (3 + n)%nat in
  Forall (Rounding.formats emin prec) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  let r :=
    Rounding.rnd emin prec
      (sqrt (Rounding.evaluate emin prec (Rounding.difference emin prec) (Rounding.difference emin prec) t))
    in
  Rabs (r - sqrt (Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy))) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * r +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * sqrt (INR n * Rounding.half_smallest emin).

Definition Rounding__manhattan_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (1 + n)%nat in
  Forall (Rounding.formats emin prec) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * Rounding.unit_roundoff prec < 1 ->
  let r :=
    Rounding.evaluate emin prec (fun p : R * R => Rabs (Rounding.difference emin prec p))
      (fun _ : R * R => 1) t in
  Rabs (r - Rounding.sum (map (fun p : R * R => Rabs (fst p - snd p)) xy)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * r.

Definition Rounding__chebyshev : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall xy : list (R * R),
  Forall (Rounding.formats emin prec) xy ->
  let r := Rounding.largest (map (fun p : R * R => Rabs (Rounding.difference emin prec p)) xy) in
  Rabs (r - Rounding.largest (map (fun p : R * R => Rabs (fst p - snd p)) xy)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) 1 * r.

Definition Rounding__euclidean_scaled : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  (emin <= -3 * prec - 4)%Z ->
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  Forall (Rounding.formats emin prec) xy ->
  Permutation (Rounding.terms t) xy ->
  let k := (7 + length xy)%nat in
  INR k * Rounding.unit_roundoff prec <= / 2 ->
  let r :=
    Rounding.rnd emin prec
      (Rounding.rnd emin prec
         (sqrt (Rounding.evaluate emin prec (Rounding.ratio emin prec (Rounding.scale emin prec xy))
           (Rounding.ratio emin prec (Rounding.scale emin prec xy)) t)) * Rounding.scale emin prec xy) in
  Rabs (r - sqrt (Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy))) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * r +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * Rounding.half_smallest emin.

Definition Rounding__manhattan_scaled : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  (emin <= -3 * prec - 4)%Z ->
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  Forall (Rounding.formats emin prec) xy ->
  Permutation (Rounding.terms t) xy ->
  let k := (4 + length xy)%nat in
  INR k * Rounding.unit_roundoff prec <= / 2 ->
  let r :=
    Rounding.rnd emin prec
      (Rounding.evaluate emin prec
         (fun p : R * R => Rabs (Rounding.ratio emin prec (Rounding.scale emin prec xy) p))
         (fun _ : R * R => 1) t * Rounding.scale emin prec xy) in
  Rabs (r - Rounding.sum (map (fun p : R * R => Rabs (fst p - snd p)) xy)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k * r +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) * Rounding.half_smallest emin.

Definition Rounding__product_inexact : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall a b x y da db : R,
  Rabs (a - x) <= da ->
  Rabs (b - y) <= db ->
  Rabs (Rounding.rnd emin prec (a * b) - x * y) <=
  Rabs a * db + Rabs b * da + da * db + Rounding.unit_roundoff prec * Rabs (Rounding.rnd emin prec (a * b)) +
  Rounding.half_smallest emin.

Definition Rounding__difference_inexact : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall a b x y da db : R,
  Rounding.format emin prec a ->
  Rounding.format emin prec b ->
  Rabs (a - x) <= da ->
  Rabs (b - y) <= db ->
  Rabs (Rounding.rnd emin prec (a - b) - (x - y)) <=
  da + db + Rounding.gamma (Rounding.unit_roundoff prec) 1 * Rabs (Rounding.rnd emin prec (a - b)).

Definition Rounding__mean_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xs : list R) (t : Rounding.order R),
  let n := length xs in
  (0 < n)%nat ->
  Forall (Rounding.format emin prec) xs ->
  Permutation (Rounding.terms t) xs ->
  INR n * Rounding.unit_roundoff prec < 1 ->
  Rabs
    (Rounding.rnd emin prec (Rounding.evaluate emin prec (fun x : R => x) (fun _ : R => 1) t / INR n) -
     Rounding.sum xs / INR n) <=
  Rounding.gamma (Rounding.unit_roundoff prec) n * (Rounding.sum (map Rabs xs) / INR n) +
  Rounding.half_smallest emin.

Definition Rounding__weighted_mean_any_order : Prop :=
  forall emin prec : Z,
  (1 < prec)%Z ->
  forall (xw : list (R * R)) (t : Rounding.order (R * R)) (s : Rounding.order R),
  Forall (fun p : R * R => Rounding.format emin prec (snd p) /\ 0 <= snd p) xw ->
  Permutation (Rounding.terms t) xw ->
  Permutation (Rounding.terms s) (map snd xw) ->
  0 < Rounding.sum (map snd xw) ->
  let k := (2 * length xw + 1)%nat in
  INR k * Rounding.unit_roundoff prec < 1 ->
  Rabs
    (Rounding.evaluate emin prec fst
       (fun p : R * R =>
        Rounding.rnd emin prec (snd p / Rounding.evaluate emin prec (fun x : R => x) (fun _ : R => 1) s)) t -
     Rounding.sum (map (fun p : R * R => fst p * (snd p / Rounding.sum (map snd xw))) xw)) <=
  Rounding.gamma (Rounding.unit_roundoff prec) k *
  Rounding.sum (map (fun p : R * R => Rabs (fst p) * (snd p / Rounding.sum (map snd xw))) xw) +
  (1 + Rounding.gamma (Rounding.unit_roundoff prec) k) *
  (Rounding.half_smallest emin * (Rounding.sum (map (fun p : R * R => Rabs (fst p)) xw) + INR (length xw))).

Definition Rounding__sum_binary32 : Prop :=
  forall (xs : list R) (t : Rounding.order R),
  let k := Nat.pred (length xs) in
  Forall (Rounding.format (-149) 24) xs ->
  Permutation (Rounding.terms t) xs ->
  INR k * bpow radix2 (-24) < 1 ->
  Rabs (Rounding.evaluate (-149) 24 (fun x : R => x) (fun _ : R => 1) t - Rounding.sum xs) <=
  Rounding.gamma (bpow radix2 (-24)) k * Rounding.sum (map Rabs xs).

Definition Rounding__sum_binary64 : Prop :=
  forall (xs : list R) (t : Rounding.order R),
  let k := Nat.pred (length xs) in
  Forall (Rounding.format (-1074) 53) xs ->
  Permutation (Rounding.terms t) xs ->
  INR k * bpow radix2 (-53) < 1 ->
  Rabs (Rounding.evaluate (-1074) 53 (fun x : R => x) (fun _ : R => 1) t - Rounding.sum xs) <=
  Rounding.gamma (bpow radix2 (-53)) k * Rounding.sum (map Rabs xs).

Definition Rounding__dot_binary32 : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let u := bpow radix2 (-24) in
  Permutation (Rounding.terms t) xy ->
  INR n * u < 1 ->
  Rabs (Rounding.evaluate (-149) 24 fst snd t - Rounding.sum (map (fun p : R * R => fst p * snd p) xy)) <=
  Rounding.gamma u n * Rounding.sum (map (fun p : R * R => Rabs (fst p * snd p)) xy) +
  (1 + Rounding.gamma u n) * (INR n * bpow radix2 (-150)).

Definition Rounding__dot_binary64 : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let u := bpow radix2 (-53) in
  Permutation (Rounding.terms t) xy ->
  INR n * u < 1 ->
  Rabs (Rounding.evaluate (-1074) 53 fst snd t - Rounding.sum (map (fun p : R * R => fst p * snd p) xy)) <=
  Rounding.gamma u n * Rounding.sum (map (fun p : R * R => Rabs (fst p * snd p)) xy) +
  (1 + Rounding.gamma u n) * (INR n * bpow radix2 (-1075)).

Definition Rounding__squares_binary32 : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (2 + n)%nat in
  let u := bpow radix2 (-24) in
  Forall (Rounding.formats (-149) 24) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * u < 1 ->
  Rabs
    (Rounding.evaluate (-149) 24 (Rounding.difference (-149) 24) (Rounding.difference (-149) 24) t -
     Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy)) <=
  Rounding.gamma u k * Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy) +
  (1 + Rounding.gamma u k) * (INR n * bpow radix2 (-150)).

Definition Rounding__squares_binary64 : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (2 + n)%nat in
  let u := bpow radix2 (-53) in
  Forall (Rounding.formats (-1074) 53) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * u < 1 ->
  Rabs
    (Rounding.evaluate (-1074) 53 (Rounding.difference (-1074) 53) (Rounding.difference (-1074) 53) t -
     Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy)) <=
  Rounding.gamma u k * Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy) +
  (1 + Rounding.gamma u k) * (INR n * bpow radix2 (-1075)).

Definition Rounding__euclidean_binary32 : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (3 + n)%nat in
  let u := bpow radix2 (-24) in
  Forall (Rounding.formats (-149) 24) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * u < 1 ->
  let r :=
    Rounding.rnd (-149) 24
      (sqrt (Rounding.evaluate (-149) 24 (Rounding.difference (-149) 24) (Rounding.difference (-149) 24) t))
    in
  Rabs (r - sqrt (Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy))) <=
  Rounding.gamma u k * r + (1 + Rounding.gamma u k) * sqrt (INR n * bpow radix2 (-150)).

Definition Rounding__euclidean_binary64 : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)),
  let n := length xy in
  let k := (3 + n)%nat in
  let u := bpow radix2 (-53) in
  Forall (Rounding.formats (-1074) 53) xy ->
  Permutation (Rounding.terms t) xy ->
  INR k * u < 1 ->
  let r :=
    Rounding.rnd (-1074) 53
      (sqrt (Rounding.evaluate (-1074) 53 (Rounding.difference (-1074) 53) (Rounding.difference (-1074) 53) t))
    in
  Rabs (r - sqrt (Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy))) <=
  Rounding.gamma u k * r + (1 + Rounding.gamma u k) * sqrt (INR n * bpow radix2 (-1075)).

Definition Enclosures__gamma_rounded_once : Prop :=
  forall n : nat,
  (Z.of_nat n <= 2 ^ 52)%Z -> Enclosures.gamma n = Enclosures.fl (Rounding.gamma Enclosures.U n).

Definition Enclosures__inflate_covers : Prop :=
  forall (k : nat) (e c : R),
  INR (2 + k) * Enclosures.U <= / 2097152 ->
  0 <= c -> e <= (1 + Enclosures.U) ^ k * (c + / 2 * Enclosures.TINY) -> e <= Enclosures.inflate c.

Definition Enclosures__total_of_sum : Prop :=
  forall (xs : list R) (t s : Rounding.order R),
  let n := length xs in
  Forall (Rounding.format (-1074) 53) xs ->
  Permutation (Rounding.terms t) xs ->
  Permutation (Rounding.terms s) (map Rabs xs) ->
  INR (7 + n) * Enclosures.U <= / 2097152 ->
  Rabs (Rounding.evaluate (-1074) 53 (fun x : R => x) (fun _ : R => 1) t - Rounding.sum xs) <=
  Enclosures.total (Rounding.evaluate (-1074) 53 (fun x : R => x) (fun _ : R => 1) s) n.

Definition Enclosures__total_of_mean : Prop :=
  forall (xs : list R) (t s : Rounding.order R),
  let n := length xs in
  (0 < n)%nat ->
  Forall (Rounding.format (-1074) 53) xs ->
  Permutation (Rounding.terms t) xs ->
  Permutation (Rounding.terms s) (map Rabs xs) ->
  INR (7 + n) * Enclosures.U <= / 2097152 ->
  Rabs
    (Enclosures.fl (Rounding.evaluate (-1074) 53 (fun x : R => x) (fun _ : R => 1) t / INR n) -
     Rounding.sum xs / INR n) <=
  Enclosures.total (Enclosures.fl (Rounding.evaluate (-1074) 53 (fun x : R => x) (fun _ : R => 1) s / INR n))
    n.

Definition Enclosures__total_of_combination : Prop :=
  forall (cv : list (R * R)) (t s : Rounding.order (R * R)),
  let n := length cv in
  Forall
    (fun p : R * R => (fst p = 0 \/ Enclosures.TINY <= Rabs (fst p)) /\ Rounding.format (-1074) 53 (snd p)) cv ->
  Permutation (Rounding.terms t) cv ->
  Permutation (Rounding.terms s) cv ->
  INR (7 + n) * Enclosures.U <= / 2097152 ->
  Rabs
    (Rounding.evaluate (-1074) 53 (fun p : R * R => Enclosures.fl (fst p)) snd t -
     Rounding.sum (map (fun p : R * R => fst p * snd p) cv)) <=
  Enclosures.total
    (Rounding.evaluate (-1074) 53 (fun p : R * R => Rabs (Enclosures.fl (fst p)))
       (fun p : R * R => Rabs (snd p)) s) n.

Definition Enclosures__total_of_weighted_mean : Prop :=
  forall (xw : list (R * R)) (t t' t'' : Rounding.order (R * R)) (s : Rounding.order R),
  let n := length xw in
  Forall (fun p : R * R => Rounding.format (-1074) 53 (snd p) /\ 0 <= snd p) xw ->
  0 < Rounding.sum (map snd xw) ->
  Permutation (Rounding.terms t) xw ->
  Permutation (Rounding.terms t') xw ->
  Permutation (Rounding.terms t'') xw ->
  Permutation (Rounding.terms s) (map snd xw) ->
  INR (7 + (3 * n + 4)) * Enclosures.U <= / 2097152 ->
  let ratio :=
    fun p : R * R => Enclosures.fl (snd p / Rounding.evaluate (-1074) 53 (fun x : R => x) (fun _ : R => 1) s)
    in
  let value := Rounding.evaluate (-1074) 53 fst ratio t in
  let magnitudes :=
    Rounding.evaluate (-1074) 53 (fun p : R * R => Rabs (Enclosures.fl (fst p * ratio p)))
      (fun _ : R * R => 1) t' in
  let below :=
    Rounding.evaluate (-1074) 53 (fun p : R * R => Enclosures.fl (Rabs (fst p) * bpow radix2 (-1073)))
      (fun _ : R * R => 1) t'' in
  Rabs (value - Rounding.sum (map (fun p : R * R => fst p * (snd p / Rounding.sum (map snd xw))) xw)) <=
  Enclosures.inflate (Enclosures.fl (Enclosures.total magnitudes (3 * n + 4) + below)).

Definition Enclosures__product_covers : Prop :=
  forall a b x y da db : R,
  Rounding.format (-1074) 53 a ->
  Rounding.format (-1074) 53 b ->
  Rounding.format (-1074) 53 da ->
  Rounding.format (-1074) 53 db ->
  Rabs (a - x) <= da ->
  Rabs (b - y) <= db -> Rabs (Enclosures.fl (a * b) - x * y) <= Enclosures.product a da b db.

Definition Enclosures__rounded_of_difference : Prop :=
  forall a b x y da db : R,
  Rounding.format (-1074) 53 a ->
  Rounding.format (-1074) 53 b ->
  Rounding.format (-1074) 53 da ->
  Rounding.format (-1074) 53 db ->
  Rabs (a - x) <= da ->
  Rabs (b - y) <= db ->
  Rabs (Enclosures.fl (a - b) - (x - y)) <=
  Enclosures.rounded (Enclosures.fl (a - b)) (Enclosures.fl (da + db)) 1.

Definition Enclosures__rounded_covers : Prop :=
  forall (n : nat) (e v carried : R),
  (0 < n)%nat ->
  INR n * Enclosures.U <= / 2 ->
  Rounding.format (-1074) 53 carried ->
  0 <= carried -> e <= carried + Rounding.gamma Enclosures.U n * Rabs v -> e <= Enclosures.rounded v carried n.

Definition Enclosures__norm_of_exact_euclidean : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)) (root : R),
  Forall (Rounding.formats (-1074) 53) xy ->
  Permutation (Rounding.terms t) xy ->
  (0 < length xy)%nat ->
  INR (length xy + 8) * Enclosures.U <= / 2 ->
  sqrt (INR (length xy)) / 2 <= root ->
  let r :=
    Enclosures.fl
      (sqrt (Rounding.evaluate (-1074) 53 (Rounding.difference (-1074) 53) (Rounding.difference (-1074) 53) t))
    in
  Rabs (r - sqrt (Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy))) <=
  Enclosures.norm_of_exact r (length xy) root.

Definition Enclosures__norm_of_exact_euclidean_scaled : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)) (root : R),
  Forall (Rounding.formats (-1074) 53) xy ->
  Permutation (Rounding.terms t) xy ->
  (0 < length xy)%nat ->
  INR (length xy + 8) * Enclosures.U <= / 2 ->
  sqrt (INR (length xy)) / 2 <= root ->
  let r :=
    Enclosures.fl
      (Enclosures.fl
         (sqrt (Rounding.evaluate (-1074) 53 (Rounding.ratio (-1074) 53 (Rounding.scale (-1074) 53 xy))
           (Rounding.ratio (-1074) 53 (Rounding.scale (-1074) 53 xy)) t)) * Rounding.scale (-1074) 53 xy)
    in
  Rabs (r - sqrt (Rounding.sum (map (fun p : R * R => (fst p - snd p) ^ 2) xy))) <=
  Enclosures.norm_of_exact r (length xy) root.

Definition Enclosures__norm_of_exact_manhattan : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)) (root : R),
  Forall (Rounding.formats (-1074) 53) xy ->
  Permutation (Rounding.terms t) xy ->
  (0 < length xy)%nat ->
  INR (length xy + 8) * Enclosures.U <= / 2 ->
  sqrt (INR (length xy)) / 2 <= root ->
  let r :=
    Rounding.evaluate (-1074) 53 (fun p : R * R => Rabs (Rounding.difference (-1074) 53 p))
      (fun _ : R * R => 1) t in
  Rabs (r - Rounding.sum (map (fun p : R * R => Rabs (fst p - snd p)) xy)) <=
  Enclosures.norm_of_exact r (length xy) root.

Definition Enclosures__norm_of_exact_manhattan_scaled : Prop :=
  forall (xy : list (R * R)) (t : Rounding.order (R * R)) (root : R),
  Forall (Rounding.formats (-1074) 53) xy ->
  Permutation (Rounding.terms t) xy ->
  (0 < length xy)%nat ->
  INR (length xy + 8) * Enclosures.U <= / 2 ->
  sqrt (INR (length xy)) / 2 <= root ->
  let r :=
    Enclosures.fl
      (Rounding.evaluate (-1074) 53
         (fun p : R * R => Rabs (Rounding.ratio (-1074) 53 (Rounding.scale (-1074) 53 xy) p))
         (fun _ : R * R => 1) t * Rounding.scale (-1074) 53 xy) in
  Rabs (r - Rounding.sum (map (fun p : R * R => Rabs (fst p - snd p)) xy)) <=
  Enclosures.norm_of_exact r (length xy) root.

Definition Enclosures__norm_of_exact_chebyshev : Prop :=
  forall (xy : list (R * R)) (root : R),
  Forall (Rounding.formats (-1074) 53) xy ->
  (0 < length xy)%nat ->
  INR (length xy + 8) * Enclosures.U <= / 2 ->
  sqrt (INR (length xy)) / 2 <= root ->
  let r := Rounding.scale (-1074) 53 xy in
  Rabs (r - Rounding.largest (map (fun p : R * R => Rabs (fst p - snd p)) xy)) <=
  Enclosures.norm_of_exact r (length xy) root.

Definition Enclosures__norm_of_inexact_covers : Prop :=
  forall (d : nat) (root of_V of_v delta r c : R),
  Rounding.format (-1074) 53 c ->
  0 <= delta ->
  0 <= c ->
  Rabs (of_V - of_v) <= delta ->
  Rabs (r - of_v) <= Enclosures.norm_of_exact r d root ->
  Rabs (c - delta) <= Enclosures.norm_of_exact c d root ->
  Rabs (r - of_V) <= Enclosures.norm_of_inexact r c d root.
